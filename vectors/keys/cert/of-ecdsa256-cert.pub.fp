256 SHA256:jwZKw+0drohWSvPeHPiqyFA9A7iaIYVo0ZYnWEnfMQQ test@example (ECDSA-CERT)
256 MD5:16:ee:c7:1a:bd:f9:de:9d:5f:94:58:15:f5:04:a9:bc test@example (ECDSA-CERT)
