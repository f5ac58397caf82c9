//! The steps of a login, as the client sees them.

/// The step at which a login stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// No connection came about.
    Reach,
    /// The connection ended before the server's identification string, or something else came.
    Identification,
    /// The key exchange failed.
    KeyExchange,
    /// The client did not take the server's host key.
    HostKey,
    /// The server offers no method `publickey`, to this user and address.
    Method,
    /// The client offered no key, although the server takes keys.
    NotOffered,
    /// FAILURE in answer to the query: "Server refused our key".
    Query,
    /// PK_OK, and the client did not sign.
    Unsigned,
    /// PK_OK, then FAILURE in answer to the signature.
    Signature,
    /// PK_OK, then the connection was closed after the signature.
    Closed,
    /// FAILURE with partial success: more is asked for.
    Partial,
    /// The server ended the connection during authentication.
    Disconnected,
    /// The key was accepted, and the session ended or was not what was asked for.
    Session,
    /// Let in.
    Accepted,
    /// It cannot be told.
    Unknown,
}

impl Place {
    /// All of them, in the order of a login.
    pub const ALL: [Place; 15] = [
        Place::Reach,
        Place::Identification,
        Place::KeyExchange,
        Place::HostKey,
        Place::Method,
        Place::NotOffered,
        Place::Query,
        Place::Unsigned,
        Place::Signature,
        Place::Closed,
        Place::Partial,
        Place::Disconnected,
        Place::Session,
        Place::Accepted,
        Place::Unknown,
    ];

    /// One word, for tables and JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Place::Reach => "reach",
            Place::Identification => "identification",
            Place::KeyExchange => "key-exchange",
            Place::HostKey => "host-key",
            Place::Method => "method",
            Place::NotOffered => "not-offered",
            Place::Query => "query",
            Place::Unsigned => "unsigned",
            Place::Signature => "signature",
            Place::Closed => "closed-after-signature",
            Place::Partial => "partial",
            Place::Disconnected => "disconnected",
            Place::Session => "session",
            Place::Accepted => "accepted",
            Place::Unknown => "unknown",
        }
    }

    /// What happened there, as the end of "the login stopped: …".
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Place::Reach => "no connection came about",
            Place::Identification => "the connection ended before the server said who it is",
            Place::KeyExchange => "client and server did not agree on keys",
            Place::HostKey => "the client did not take the server's host key",
            Place::Method => "the server offers no publickey to this user",
            Place::NotOffered => "the client offered no key",
            Place::Query => "the server refused the key when it was offered, before any signature",
            Place::Unsigned => "the server took the key, and the client did not sign with it",
            Place::Signature => "the server took the key, and then refused its signature",
            Place::Closed => {
                "the server took the key, and closed the connection after the signature"
            }
            Place::Partial => "the key was accepted, and the server asks for more",
            Place::Disconnected => "the server ended the connection during authentication",
            Place::Session => "the key was accepted, and then the session ended",
            Place::Accepted => "it did not: the key was accepted",
            Place::Unknown => "where, the text does not tell",
        }
    }

    /// No key was refused: the login did not come to that, or went past it.
    #[must_use]
    pub fn refuses(self) -> bool {
        !matches!(self, Place::Session | Place::Accepted | Place::Unknown)
    }
}
