"""What a registration costs, beside Kamailio's own language and Debian's stock configuration."""
