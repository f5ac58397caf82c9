2048 SHA256:MucKV0I/9nDMagSJrau2qFovdjIYMJLBBoS1C5waZRU test@example (RSA-CERT)
2048 MD5:00:fd:70:93:eb:c1:ae:5f:c6:36:93:cf:c9:c1:5f:85 test@example (RSA-CERT)
