"""Check digits and public tables that tell a real number from a row of digits. Pure."""

from collections.abc import Mapping
from types import MappingProxyType

_CALLING_CODES = (
    "1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 "
    "63 64 65 66 81 82 84 86 90 91 92 93 94 95 98 211 212 213 216 218 220 221 222 223 224 225 "
    "226 227 228 229 230 231 232 233 234 235 236 237 238 239 240 241 242 243 244 245 246 248 "
    "249 250 251 252 253 254 255 256 257 258 260 261 262 263 264 265 266 267 268 269 290 291 "
    "297 298 299 350 351 352 353 354 355 356 357 358 359 370 371 372 373 374 375 376 377 378 "
    "380 381 382 383 385 386 387 389 420 421 423 500 501 502 503 504 505 506 507 508 509 590 "
    "591 592 593 594 595 596 597 598 599 670 672 673 674 675 676 677 678 679 680 681 682 683 "
    "685 686 687 688 689 690 691 692 850 852 853 855 856 880 886 960 961 962 963 964 965 966 "
    "967 968 970 971 972 973 974 975 976 977 992 993 994 995 996 998"
)
CALLING_CODES = frozenset(_CALLING_CODES.split())
"""Country calling codes (ITU-T E.164)."""

_IBAN_LENGTHS = (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 "
    "EE20 EG29 ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 "
    "IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 "
    "NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 ST25 SV28 TL23 "
    "TN24 TR26 UA29 VA22 VG24 XK20"
)
IBAN_LENGTHS: Mapping[str, int] = MappingProxyType(
    {entry[:2]: int(entry[2:]) for entry in _IBAN_LENGTHS.split()}
)
"""Characters of an account number, by country (ISO 13616)."""

_ODD = (
    1,
    0,
    5,
    7,
    9,
    13,
    15,
    17,
    19,
    21,
    2,
    4,
    18,
    20,
    11,
    3,
    6,
    8,
    12,
    14,
    16,
    10,
    22,
    25,
    24,
    23,
)
"""Worth of A to Z (and 0 to 9 as A to J) at odd places of an Italian tax code."""


def is_luhn(digits: str) -> bool:
    """Say whether the last digit is the check digit (ISO 7812)."""
    doubled = (int(digit) * 2 for digit in digits[-2::-2])
    total = sum(map(int, digits[-1::-2])) + sum(
        twice - 9 if twice > 9 else twice for twice in doubled
    )
    return total % 10 == 0


def is_iban(account: str) -> bool:
    """Say whether the check digits fit (remainder 1 by 97); `account` has no spaces."""
    turned = account[4:] + account[:4]
    return int("".join(str(int(char, 36)) for char in turned)) % 97 == 1


def is_tax_code(code: str) -> bool:
    """Say whether the last letter of an Italian tax code is its check letter."""
    places = [int(char) if char.isdigit() else ord(char) - ord("A") for char in code[:15]]
    total = sum(_ODD[place] for place in places[0::2]) + sum(places[1::2])
    return chr(ord("A") + total % 26) == code[15]
