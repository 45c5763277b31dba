"""What a connection receives: headers, records that are opened, and what a read makes of them."""
