"""The city library of Beijing: `include: ["beijing:city"]`."""
