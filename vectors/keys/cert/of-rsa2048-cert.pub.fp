2048 SHA256:cynEyhr58kzAq1LopKvDkjjw8KVsnhEH1wlwL1dj30I test@example (RSA-CERT)
2048 MD5:4b:40:3e:48:25:4d:f5:85:bd:f9:a5:15:ac:10:8b:be test@example (RSA-CERT)
