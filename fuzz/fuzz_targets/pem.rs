//! PEM and PKCS#8 files: as text, and their content in the right armour.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let labels = ["RSA ", "EC ", "DSA ", "", "ENCRYPTED "];
    match data.split_first() {
        Some((n, content)) if usize::from(*n) < labels.len() => {
            let label = labels[usize::from(*n)];
            sshwhy_fuzz::armoured(
                &format!("-----BEGIN {label}PRIVATE KEY-----"),
                &format!("-----END {label}PRIVATE KEY-----"),
                content,
            );
        }
        _ => sshwhy_fuzz::private_key(data),
    }
});
