//! What keeps this program from working: exit code 2.

/// A message in three parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// What could not be done.
    pub(crate) what: String,
    /// Why.
    pub(crate) why: String,
    /// What helps.
    pub(crate) help: String,
}

impl Failure {
    pub(crate) fn new(
        what: impl Into<String>,
        why: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Failure {
            what: what.into(),
            why: why.into(),
            help: help.into(),
        }
    }
}
