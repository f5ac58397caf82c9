1024 SHA256:tg+oGYrAvXRXPgTizHPz9DHtpmZqmK3MNEUHwfXnXJQ test@example (RSA)
1024 MD5:2a:de:54:03:c7:c4:c9:1b:97:65:01:b5:18:62:7d:c1 test@example (RSA)
