//! oasis's exporter and burn-onnx's on the forward passes of `tests/export`: which succeeds, with how many nodes.
//!
//! ```text
//! cargo run -p oasis-peers -- [--keep FOLDER]
//! ```

mod both;
mod common;

#[path = "../../../tests/export/layers.rs"]
mod layers;
#[path = "../../../tests/export/networks/list.rs"]
mod networks;
#[path = "../../../tests/export/numeric.rs"]
mod numeric;
#[path = "../../../tests/export/operations.rs"]
mod operations;
#[path = "../../../tests/export/samples.rs"]
mod samples;
#[path = "../../../tests/export/shapes.rs"]
mod shapes;

use std::path::PathBuf;

use anyhow::Result;
use clap::Parser;
use libtest_mimic::Arguments as TrialArguments;
use operations::{FORWARD, NOT_LOWERED};

// What the networks are written with.
use both::{Exporter, Row};

/// Compares oasis's exporter with burn-onnx's.
#[derive(Parser)]
struct Arguments {
    /// Also write every model to this folder.
    #[arg(long)]
    keep: Option<PathBuf>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if let Some(folder) = arguments.keep {
        std::fs::create_dir_all(&folder)?;
        both::keep_in(folder);
    }
    let one_by_one = TrialArguments::from_iter(["oasis-peers", "--quiet", "--test-threads=1"]);
    let trials = [shapes::functions(), numeric::trials(), numeric::functions(), layers::trials(), layers::functions()];
    let conclusion = libtest_mimic::run(&one_by_one, trials.into_iter().flatten().collect());
    print("functions and layers", &both::rows());
    for (_, export) in networks::NETWORKS {
        export();
    }
    print("networks", &both::rows());

    let ours = FORWARD.iter().filter(|(family, name)| {
        !NOT_LOWERED.iter().any(|(not_family, not_name, ..)| (not_family, not_name) == (family, name))
    });
    let theirs = FORWARD.iter().filter(|(family, name)| both::is_lowered(family, name));
    println!("operations of Burn, of {}: oasis {}, burn-onnx {}", FORWARD.len(), ours.count(), theirs.count());
    anyhow::ensure!(!conclusion.has_failed(), "some cases failed before they could be compared");
    Ok(())
}

fn print(title: &str, rows: &[Row]) {
    println!("\n## {title}\n");
    println!("| case | oasis | burn-onnx, fixed shapes | burn-onnx, dynamic axes | without a lowering in burn-onnx |");
    println!("|---|---|---|---|---|");
    let cell = |outcome: &Result<usize, String>| match outcome {
        Ok(nodes) => format!("{nodes} nodes"),
        Err(why) => why.replace('|', "/"),
    };
    for row in rows {
        let dynamic = row.dynamic.as_ref().map_or("-".into(), cell);
        let lacking = row.lacking.join(", ");
        println!("| {} | {} | {} | {dynamic} | {lacking} |", row.name, cell(&row.oasis), cell(&row.fixed));
    }
    let count = |succeeded: fn(&&Row) -> bool| rows.iter().filter(succeeded).count();
    println!("\ncases: {}", rows.len());
    println!("exported by oasis: {}", count(|row| row.oasis.is_ok()));
    println!("exported by burn-onnx with fixed shapes: {}", count(|row| row.fixed.is_ok()));
    println!(
        "exported by burn-onnx with dynamic axes: {} of {} that have any",
        count(|row| matches!(row.dynamic, Some(Ok(_)))),
        count(|row| row.dynamic.is_some())
    );
}
