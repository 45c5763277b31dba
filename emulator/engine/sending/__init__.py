"""What a connection sends: data cut into records, single records, keys and padding."""
