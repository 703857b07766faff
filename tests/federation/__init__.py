"""Log-in elsewhere: access tokens of other issuers."""
