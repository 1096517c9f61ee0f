"""The published language: messages that cross a service border, and the values they are made of."""
