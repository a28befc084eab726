"""Tables, one module per subject; no behaviour beyond what a row can say of itself."""

from mygas.models.accounts import Account, AccountCard, Connection
from mygas.models.billing import Charge, Payment
from mygas.models.drafts import Confirmation, Draft
from mygas.models.limits import Counter
from mygas.models.metering import Meter, MeterCard, Reading
from mygas.models.outbox import Outgoing
from mygas.models.papers import Act, Contract, ImportedPin
from mygas.models.people import Consent, SignIn, User
from mygas.models.registries import Registry

__all__ = [
    "Account", "AccountCard", "Act", "Charge", "Confirmation", "Connection", "Consent", "Contract", "Counter", "Draft",
    "ImportedPin", "Meter", "MeterCard", "Outgoing", "Payment", "Reading", "Registry", "SignIn", "User",
]  # fmt: skip
