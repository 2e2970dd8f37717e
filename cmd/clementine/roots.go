package main

// An image without an operating system has no certificate authorities of its own. Where there are some, those count.
import _ "golang.org/x/crypto/x509roots/fallback"
