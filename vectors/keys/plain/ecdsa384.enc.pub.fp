384 SHA256:82z2FyBPCwOBovvuKuf2EDDlK3xwPaePcRJwL5dtk5s test@example (ECDSA)
384 MD5:a8:79:18:58:eb:f1:0b:4a:22:85:b4:75:46:1c:66:ad test@example (ECDSA)
