"""The outside world: letters, short messages, the bank, sealed files. What each gateway promises stands in `contract`."""

from dataclasses import dataclass

from mygas.acquiring import Acquirer
from mygas.gateways import bank, mail, screen, sms
from mygas.gateways.contract import Mail, Sms, TryLater, Undeliverable
from mygas.gateways.vault import Vault
from mygas.settings import Settings

__all__ = ["Gateways", "Mail", "Sms", "TryLater", "Undeliverable", "Vault", "build"]


@dataclass(frozen=True)
class Gateways:
    """The ways out of this installation, and its vault of files. `bank` is None where nothing is paid through the portal."""

    mail: Mail
    sms: Sms
    bank: Acquirer | None
    vault: Vault


def build(settings: Settings) -> Gateways:
    """The gateways that the settings name; `screen:` is the file of demo messages. Raises mygas.settings.BadSettings."""
    return Gateways(
        mail=screen.ScreenMail(settings.screen_file) if settings.mail_url == "screen:" else mail.from_settings(settings),
        sms=screen.ScreenSms(settings.screen_file) if settings.sms_url == "screen:" else sms.from_settings(settings),
        bank=bank.from_settings(settings),
        vault=Vault(settings.data_dir / "scans"),
    )
