"""Who belongs to the household and what was done: ledger, roster, signed commands."""
