"""Tables, one module per subject; no behaviour beyond what a row can say of itself."""

from mygas.models.access import CommonCharge, Pin, PinRequest, Scan
from mygas.models.accounts import Account, AccountCard, Connection
from mygas.models.audit import AuditEntry, AuditSeal
from mygas.models.billing import Charge, Payment, ServiceBalance
from mygas.models.bulletins import Bulletin, Dismissal
from mygas.models.desk import Operator, OperatorSignIn
from mygas.models.drafts import Confirmation, Draft
from mygas.models.exports import Dispatch
from mygas.models.limits import Counter
from mygas.models.messages import Message, NoticeChoice
from mygas.models.metering import Meter, MeterCard, Reading, ReadingVerdict, SentReading
from mygas.models.my_data import MyData
from mygas.models.orders import Discrepancy, LedgerEntry, Order, OrderEvent, Reconciliation, Refund
from mygas.models.outbox import Outgoing
from mygas.models.papers import Act, Contract, ImportedPin
from mygas.models.people import Consent, LoginChange, SignIn, User
from mygas.models.receipts import ReceiptFile
from mygas.models.registries import Registry
from mygas.models.restorations import Restoration
from mygas.models.support import PORTAL, ReplyTemplate, Ticket, TicketFile, TicketMessage

__all__ = [
    "PORTAL",
    "Account",
    "AccountCard",
    "Act",
    "AuditEntry",
    "AuditSeal",
    "Bulletin",
    "Charge",
    "CommonCharge",
    "Confirmation",
    "Connection",
    "Consent",
    "Contract",
    "Counter",
    "Discrepancy",
    "Dismissal",
    "Dispatch",
    "Draft",
    "ImportedPin",
    "LedgerEntry",
    "LoginChange",
    "Message",
    "Meter",
    "MeterCard",
    "MyData",
    "NoticeChoice",
    "Operator",
    "OperatorSignIn",
    "Order",
    "OrderEvent",
    "Outgoing",
    "Payment",
    "Pin",
    "PinRequest",
    "Reading",
    "ReadingVerdict",
    "ReceiptFile",
    "Reconciliation",
    "Refund",
    "Registry",
    "ReplyTemplate",
    "Restoration",
    "Scan",
    "SentReading",
    "ServiceBalance",
    "SignIn",
    "Ticket",
    "TicketFile",
    "TicketMessage",
    "User",
]  # fmt: skip
