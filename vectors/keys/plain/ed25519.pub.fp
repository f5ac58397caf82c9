256 SHA256:3idSpSRS6w/c8xTERGxOxwR2WLnvGXLStEoyYixBxQ0 test@example (ED25519)
256 MD5:8e:5e:73:5e:4b:49:23:b4:eb:7b:58:17:70:29:9d:39 test@example (ED25519)
