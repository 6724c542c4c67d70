"""The audit log: who did what, where and how it ended, in a chain that shows every edit."""
