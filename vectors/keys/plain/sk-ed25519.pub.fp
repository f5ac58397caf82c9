256 SHA256:R/00Ll2Kr5SuTFB3NfcXQPb06p+toSciGpv6O8raDAo test@example (ED25519-SK)
256 MD5:7e:ad:4d:85:df:58:57:d0:71:e7:6a:97:c0:ca:0a:5d test@example (ED25519-SK)
