"""The kinds of personal data that are looked for in logs."""

from enum import StrEnum


class PersonalKind(StrEnum):
    """What was found."""

    SECRET = "secret"  # noqa: S105 - a kind, not a secret
    EMAIL = "email"
    IBAN = "iban"
    TAX_CODE = "tax code"
    """Italy's: the one national id whose shape and check letter leave no doubt."""
    CARD = "card"
    PHONE = "phone"
    IPV4 = "ipv4"
    IPV6 = "ipv6"


ADDRESS_KINDS = frozenset({PersonalKind.IPV4, PersonalKind.IPV6})
DEFAULT_KINDS = frozenset(PersonalKind) - ADDRESS_KINDS
"""Without IP addresses: nearly every access log has one in each line."""
