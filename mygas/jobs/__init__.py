"""The outbox's delivery: the rq doorbell, claim, retry, give up, the relay."""
