"""Certificates of our own making, by the `openssl` binary: good ones, and each kind of bad one."""

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

_AUTHORITY = """
[ca]
default_ca = own
[own]
new_certs_dir = .
database = index
serial = serial
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
"""
_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
_LONG_AGO = "20000101000000Z"
_ALWAYS = (_LONG_AGO, "21000101000000Z")
EXPIRED = (_LONG_AGO, "20010101000000Z")
NOT_YET = ("20990101000000Z", "21000101000000Z")
HERE = "IP:127.0.0.1"


@dataclass(frozen=True)
class Authority:
    """Signs certificates in a folder; `ca_file` is what trusts them."""

    folder: Path

    @property
    def ca_file(self) -> str:
        return str(self.folder / "ca.pem")

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(
            ["openssl", *arguments], cwd=self.folder, check=True, capture_output=True, timeout=180
        )

    def found(self) -> None:
        """Make the authority's own key and certificate."""
        (self.folder / "ca.cnf").write_text(_AUTHORITY)
        (self.folder / "index").touch()
        (self.folder / "serial").write_text("01\n")
        self._openssl(
            "req", "-x509", *_KEY, "-keyout", "ca.key", "-out", "ca.pem", "-days", "3650",
            "-subj", "/CN=own authority", "-addext", "keyUsage=critical,keyCertSign",
        )  # fmt: skip

    def signed(self, names: str = HERE, span: tuple[str, str] = _ALWAYS) -> ssl.SSLContext:
        """Return a server's context with a certificate for names, valid from and to."""
        self._openssl(
            "req", *_KEY, "-keyout", "server.key", "-out", "server.csr",
            "-subj", "/CN=server", "-addext", f"subjectAltName={names}",
        )  # fmt: skip
        self._openssl(
            "ca", "-batch", "-notext", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key",
            "-in", "server.csr", "-out", "server.pem", "-startdate", span[0], "-enddate", span[1],
        )  # fmt: skip
        return self._context()

    def self_signed(self) -> ssl.SSLContext:
        """Return a server's context with a certificate that nobody else signed."""
        self._openssl(
            "req", "-x509", *_KEY, "-keyout", "server.key", "-out", "server.pem", "-days", "3650",
            "-subj", "/CN=server", "-addext", f"subjectAltName={HERE}",
        )  # fmt: skip
        return self._context()

    def _context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / "server.pem", self.folder / "server.key")
        return context


def authority(folder: Path) -> Authority:
    """Return an authority founded in an empty folder."""
    folder.mkdir()
    own = Authority(folder)
    own.found()
    return own
