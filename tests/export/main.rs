//! Every lowering, and whole networks, against Burn: on tract, and on ONNX Runtime where it can be found.
//!
//! The nodes of every case and the errors of what is refused are held against lists. After a whole run, what was seen of
//! every operation is held against the shipped coverage table.

mod checks;
mod common;
mod coverage;
mod dynamic;
mod errors;
mod exceptions;
mod layers;
mod lengths;
mod listed;
mod modules;
mod nets;
mod networks;
mod nodes;
mod numeric;
mod operations;
mod ops;
mod options;
mod random;
mod reads;
mod samples;
mod shapes;
mod state;
mod traps;
mod values;
mod widths;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = libtest_mimic::Arguments::from_args();
    let trials = [
        checks::trials(),
        dynamic::trials(),
        errors::trials(),
        layers::trials(),
        layers::functions(),
        lengths::trials(),
        modules::trials(),
        nets::trials(),
        traps::trials(),
        networks::trials(),
        numeric::trials(),
        numeric::functions(),
        ops::trials(),
        options::trials(),
        random::trials(),
        reads::trials(),
        shapes::functions(),
        state::trials(),
        values::trials(),
        widths::trials(),
    ];
    let conclusion = libtest_mimic::run(&arguments, trials.into_iter().flatten().collect());
    let whole = arguments.filter.is_none() && arguments.skip.is_empty() && !arguments.list;
    if !conclusion.has_failed()
        && !arguments.list
        && let Err(why) = listed::finish(whole)
    {
        eprintln!("{why}");
        return ExitCode::from(101);
    }
    if whole && !conclusion.has_failed() && common::engines().len() == 2 {
        if let Err(why) = coverage::compare() {
            eprintln!("coverage: {why}");
            return ExitCode::from(101);
        }
    } else if !arguments.list {
        println!("the coverage table is not checked: not every case passed on both engines in this run");
    }
    conclusion.exit_code()
}
