"""The generated pages of the reference: what each template is filled with."""
