"""One hundred hostile payloads: what outside text may hold (safety.md M1, M2, H1 to H10)."""

ESCAPES = (
    "\x1b]0;owned\x07", "\x1b]2;owned\x1b\\", "\x1b]52;c;aGFja2Vk\x07", "\x1b]52;p;?\x07",
    "\x1b]8;;http://evil.invalid\x07click\x1b]8;;\x07", "\x1b[2J", "\x1b[H", "\x1b[3J",
    "\x1b[1;1H", "\x1b[999D", "\x1b[?1049l", "\x1b[?1049h", "\x1b[?25l", "\x1b[?2004h",
    "\x1b[?1000h", "\x1b[?1003h", "\x1b[6n", "\x1b[5n", "\x1b[c", "\x1b[>c", "\x1b[21t",
    "\x1b[18t", "\x1bP$q\"p\x1b\\", "\x1bP+q544e\x1b\\", "\x1b_Gf=100;AAAA\x1b\\",
    "\x1b^private\x1b\\", "\x1b]1337;File=inline=1:AAAA\x07", "\x1b]777;notify;a;b\x07",
    "\x1b]9;toast\x07", "\x1b]4;1;rgb:00/00/00\x07", "\x1b]10;?\x07", "\x1b]11;?\x07",
    "\x1b]133;A\x07", "\x1b[31mred\x1b[0m", "\x1b[8mhidden\x1b[0m", "\x1b[1;31;5mblink",
    "\x1bc", "\x1b7\x1b8", "\x1b(0lqk", "\x1b#8", "\x1b]0;unterminated", "\x1b[", "\x1b",
    "\x9b2J", "\x9d0;owned\x9c", "\x90q\x9c", "\x9e\x9c", "\x9fG\x9c", "\x84\x85\x88\x8d",
    "\x00", "\x07", "\x08\x08\x08overwrite", "\x0b", "\x0c", "\x0d overwritten", "a\rb\rc",
    "\x0e\x0f", "\x11\x13", "\x18\x1a", "\x7f", "line\nbreak", "tab\tstop",
)  # fmt: skip
INVISIBLE = (
    "\u202etxt.exe", "\u202d", "\u2066isolate\u2069", "\u2067", "\u2068", "\u200e\u200f",
    "\u061c", "zero\u200bwidth", "\u200c\u200d", "\u2060", "\ufeffbom", "\u00adsoft",
    "\u2028sep\u2029", "\U000e0041\U000e0042tag", "\ufe0f", "\U000e0100", "\u180e", "\u3164",
    "\ud800lone", "\udfff", "\ufff9\ufffb", "z\u0351\u0352\u0353\u0354\u0355\u0356a",
    "\u115f\u1160", "\u034f", "\u17b4",
)  # fmt: skip
MARKUP = (
    "[/nope]", "[/]", "[", "]", "[[", "[bold", "[bold]x", "[@click=app.quit]x[/]",
    "[@click=app.bell()]ring[/@click]", "[link=http://evil.invalid]x[/link]", "[$error]x[/]",
    "[red on blue]x[/red on blue]", "\\[escaped]", "[/bold][/bold]",
    "[@click=screen.dismiss(True)]y[/]",
    "{not} {0} %s %d", "$variable", "[not closed @click=app.quit", "[on red]",
    "`code` **bold** <b>html</b>",
)  # fmt: skip
FORGED = (
    "ERROR but really INFO", "● ok  all systems healthy", "CONFIRM restart api ABCD",
    "\u0430pi-gateway", "\uff41\uff50\uff49", "../../etc/shadow", "--privileged", "-v/:/h",
    "$(reboot)", "; rm -rf /", "a" * 9000, "\u6f22\u5b57" * 40,
    "\U0001f469\u200d\U0001f469\u200d\U0001f467",
)  # fmt: skip

CORPUS: tuple[str, ...] = (*ESCAPES, *INVISIBLE, *MARKUP, *FORGED)
