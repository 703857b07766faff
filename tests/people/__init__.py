"""People: their accounts, passwords, roles and invitations, and what the security log knows of them."""
