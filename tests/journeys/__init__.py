"""What people do, in real Chromium."""
