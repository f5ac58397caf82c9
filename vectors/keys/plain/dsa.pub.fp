1024 SHA256:jkIC0A6eRwRaaaj+YictNkJfsty8m42DgUC7TWR+pbw test@example (DSA)
1024 MD5:36:c9:7d:d8:aa:65:b8:92:1f:5a:08:7d:fe:a5:f4:fa test@example (DSA)
