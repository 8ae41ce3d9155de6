"""The gateways: one small class per service."""
