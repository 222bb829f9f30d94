"""The demonstration: a hundred jobs from ten clients, twenty workers from nothing, and nothing again."""
