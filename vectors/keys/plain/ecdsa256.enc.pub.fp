256 SHA256:faohKSjK/iSWwga3k20cpAxy6VTX3m/g7afzh5CzcJE test@example (ECDSA)
256 MD5:37:de:2b:76:9a:5c:52:9d:05:4f:8f:9d:ce:7d:da:6c test@example (ECDSA)
