"""F3: configurations that are put in force, taken back, refused, and interrupted at every step."""
