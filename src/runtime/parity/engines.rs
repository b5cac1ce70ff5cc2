//! Which engines can be compared.

use crate::bundle::Role;
use crate::runtime::pipeline::Oasis;
use crate::{Error, ErrorKind, Result, Subject};

/// What fails where engines cannot be compared.
pub(super) const COMPARE: &str = "cannot compare engines";

/// Checks that there are two engines or more, of different names, and that their bundles are alike.
///
/// # Errors
/// [`ErrorKind::Usage`] for fewer than two engines or two of one name, [`ErrorKind::Model`] where the bundles differ in
/// their sizes or only some have a prior.
pub(super) fn check_engines(engines: &[&Oasis]) -> Result<()> {
    let names: Vec<_> = engines.iter().map(|engine| engine.engine().name()).collect();
    let listed = names.join(",");
    let refuse = |why: String| {
        Err(Error::new(ErrorKind::Usage, COMPARE, Subject::setting("backends"), why)
            .hint("set `backends` to two or more engines, such as tract,ort"))
    };
    if names.len() < 2 {
        return refuse(format!("found {}, expected at least two engines", names.len()));
    }
    if (1..names.len()).any(|index| names[..index].contains(&names[index])) {
        return refuse(format!("found {listed}, which names one engine twice"));
    }
    let sizes = engines[0].sizes();
    let has_prior = |engine: &Oasis| engine.bundle().get(&Role::Prior).is_some();
    match engines.iter().find(|engine| engine.sizes() != sizes || has_prior(engine) != has_prior(engines[0])) {
        None => Ok(()),
        Some(other) => {
            let why = format!("found {:?}, expected {sizes:?}, and a prior in all bundles or in none", other.sizes());
            Err(Error::new(ErrorKind::Model, COMPARE, other.bundle().name(), why))
        }
    }
}
