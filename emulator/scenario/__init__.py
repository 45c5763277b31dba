"""Scripts of calls on two connected ends, and the traces that real libraries answered to them."""

from __future__ import annotations
