use crate::Gate;
use crate::pass::Pass;

pub(crate) fn account_phase(_pass: &mut Pass<'_>) -> Gate {
    Ok(())
}
