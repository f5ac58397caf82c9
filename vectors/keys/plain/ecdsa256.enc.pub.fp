256 SHA256:ElhxQ4GQ0Zk2U4abjp1wqKTRm/uBei0L+ww5wnHX4iY test@example (ECDSA)
256 MD5:8a:79:b6:bb:10:02:5c:03:f4:1f:af:28:16:8c:1b:64 test@example (ECDSA)
