"""What the end-to-end tests share: the server under test, the peers it talks to, and small
tools. Nothing here knows how Roost works inside."""
