//! What the tests saw of every operation, held against the table that is shipped.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Mutex;

use oasis::coverage::{Coverage, Entry};
use oasis::export::Operation;

use crate::operations::{FORWARD, NOT_LOWERED};

/// Operations that Burn records by their parts, which are joined again before they are lowered.
const RECORDED_IN_PARTS: &[(&str, &str)] = &[("Module", "Linear")];

/// What was seen of one operation.
#[derive(Debug, Default, Clone)]
struct Seen {
    lowering: BTreeSet<&'static str>,
    engines: BTreeMap<String, BTreeSet<&'static str>>,
}

static SEEN: Mutex<BTreeMap<(&'static str, &'static str), Seen>> = Mutex::new(BTreeMap::new());

fn record(operations: &[Operation], note: impl Fn(&mut Seen, &Operation)) {
    let mut seen = SEEN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    for operation in operations {
        note(seen.entry((operation.family, operation.name)).or_default(), operation);
    }
}

/// Notes what operations were lowered to.
pub fn lowered(operations: &[Operation]) {
    record(operations, |seen, operation| seen.lowering.extend(&operation.lowering));
}

/// Notes that an engine gave Burn's results.
pub fn passed(engine: &str, operations: &[Operation]) {
    record(operations, |seen, operation| {
        seen.engines.entry(engine.to_owned()).or_default().insert(operation.dtype.name());
    });
}

fn observed() -> Coverage {
    let seen = SEEN.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone();
    let operations = FORWARD.iter().map(|(family, name)| {
        let not = NOT_LOWERED.iter().find(|(f, n, ..)| f == family && n == name);
        let seen = seen.get(&(*family, *name)).cloned().unwrap_or_default();
        let on = |engine: &str| -> Vec<String> {
            seen.engines.get(engine).into_iter().flatten().map(ToString::to_string).collect()
        };
        let (ort, tract) = (on("ort"), on("tract"));
        let in_parts = RECORDED_IN_PARTS.contains(&(family, name));
        let why = match not {
            Some((.., why)) => Some((*why).to_owned()),
            None if in_parts => Some("Burn records its parts, which are put together again".to_owned()),
            None if ort.is_empty() => Some("no test of it passes on ONNX Runtime".to_owned()),
            None if tract.is_empty() => Some("tract cannot run it; see tests/export/exceptions.rs".to_owned()),
            None => None,
        };
        let lowering: Vec<&str> = seen.lowering.iter().copied().collect();
        let lowering = match (not, lowering.is_empty()) {
            (Some(_), _) => None,
            (None, true) => Some("no node".to_owned()),
            (None, false) => Some(lowering.join(", ")),
        };
        Entry {
            family: (*family).to_owned(),
            name: (*name).to_owned(),
            capturable: !in_parts && not.is_none_or(|(_, _, recorded, _)| *recorded),
            lowering,
            ort: !ort.is_empty(),
            tract: !tract.is_empty(),
            ort_types: ort,
            tract_types: tract,
            why,
        }
    });
    Coverage::new(operations.collect())
}

/// Compares what was seen with the shipped table and its page; writes both instead where `OASIS_BLESS` is set.
///
/// # Errors
/// What differs.
pub fn compare() -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let observed = observed();
    println!("{}", observed.totals());
    let json = serde_json::to_string_pretty(&observed).map_err(|why| why.to_string())? + "\n";
    let files = [("src/coverage.json", json), ("docs/export-coverage.md", observed.page())];
    for (path, now) in files {
        let path = root.join(path);
        if std::env::var_os("OASIS_BLESS").is_some() {
            std::fs::write(&path, now).map_err(|why| format!("{}: {why}", path.display()))?;
        } else if std::fs::read_to_string(&path).unwrap_or_default() != now {
            let stale: Vec<String> = differences(&observed);
            return Err(format!(
                "{} is not what the tests saw ({}): run them with OASIS_BLESS=1 and commit it",
                path.display(),
                stale.join("; ")
            ));
        }
    }
    Ok(())
}

fn differences(observed: &Coverage) -> Vec<String> {
    let shipped = Coverage::shipped();
    let pairs = observed.operations.iter().zip(&shipped.operations);
    pairs.filter(|(now, then)| now != then).map(|(now, then)| format!("{then:?} -> {now:?}")).take(5).collect()
}
