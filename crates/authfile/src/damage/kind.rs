//! The kinds of damage, by their catalogue ids.

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $id:literal,)*) => {
        /// What became of a key's line. Each kind is one cause id.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum DamageKind {
            $($(#[$doc])* $name,)*
        }

        impl DamageKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The cause id.
            pub const fn id(self) -> &'static str {
                match self {
                    $(Self::$name => $id,)*
                }
            }
        }
    };
}

kinds! {
    /// One line broken into several.
    Wrapped = "key-line-wrapped",
    /// The end (or the beginning) of the base64 is missing, padding included.
    Truncated = "key-line-truncated",
    /// Something is glued to the end of the base64.
    TrailingJunk = "key-line-trailing-junk",
    /// Some characters of the base64 differ.
    Damaged = "key-line-damaged",
    /// Two lines run into one.
    Glued = "key-lines-glued",
    /// Base64 without a key type.
    TypeMissing = "key-type-missing",
    /// Key type on one line, base64 on the next.
    TypeAlone = "key-type-alone",
    /// The key type named is not the one inside.
    TypeMismatch = "key-type-mismatch",
    /// The key type lost or changed some letters.
    TypeDamaged = "key-type-damaged",
    /// The key type in other case.
    TypeCase = "key-type-case",
    /// A UTF-8 byte order mark before the line.
    Bom = "key-line-bom",
    /// The file is UTF-16.
    Utf16 = "keys-file-utf16",
    /// A blank that is not SPACE or TAB.
    Nbsp = "key-line-nbsp",
    /// Lines end in CR alone.
    CrOnly = "keys-file-cr-only",
    /// The line stands in quotes.
    Quoted = "key-line-quoted",
    /// Text before the key that is no option list.
    LeadingJunk = "key-line-leading-junk",
    /// An RFC 4716 block.
    Rfc4716 = "key-line-rfc4716",
    /// A PEM public key block.
    Pem = "key-line-pem",
    /// A private key.
    PrivateKey = "key-line-private-key",
    /// A PuTTY private key file.
    Ppk = "key-line-ppk",
    /// A certificate, which no line may be.
    Certificate = "key-line-certificate",
    /// A line of a known_hosts file.
    KnownHosts = "key-line-known-hosts",
    /// The line is a comment.
    CommentedOut = "key-line-commented-out",
    /// A key of SSH protocol 1.
    Ssh1 = "key-line-ssh1",
    /// TAB where the build wants a SPACE.
    Tab = "key-line-tab",
    /// Blanks the build does not take.
    Blanks = "key-line-blanks",
    /// Longer than the build reads.
    TooLong = "key-line-too-long",
    /// An option the build does not know.
    OptionUnknown = "key-option-unknown",
    /// An option's value without double quotes.
    OptionUnquoted = "key-option-unquoted",
    /// A quote that is not closed.
    OptionUnterminatedQuote = "key-option-unterminated-quote",
    /// A blank inside the option list.
    OptionSpaceInList = "key-option-space-in-list",
    /// No blank between the options and the key.
    OptionNoSpaceBeforeKey = "key-option-no-space-before-key",
    /// `command`, `from` or `principals` twice.
    OptionDuplicate = "key-option-duplicate",
    /// A value the option does not take.
    OptionBadValue = "key-option-bad-value",
    /// `principals=` on a line that is no CA's.
    OptionPrincipalsOnPlain = "key-option-principals-on-plain",
    /// `cert-authority` on the line of a plain key.
    MarkedCertAuthority = "key-marked-cert-authority",
}
