//! `oasis man`: a man page for the program and one for each command.

use std::io;
use std::path::PathBuf;

use clap::Command;
use clap_mangen::Man;
use oasis::{jobs, spell};

use super::context::Context;
use super::exit::Exit;
use super::print::Lines;

/// Write a man page for oasis and one for each command.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The folder to write oasis.1, oasis-sample.1 and the others to
    #[arg(value_name = "DIR")]
    out: PathBuf,
}

pub fn run(args: Args, mut command: Command, context: &Context) -> oasis::Result<Exit> {
    command.build();
    let mut pages = Vec::new();
    collect(&command, &mut pages).expect("writing to memory does not fail");
    let files = jobs::write_texts(&args.out, &pages)?;
    let pages: Vec<String> = files.iter().map(spell).collect();
    context.result(&serde_json::json!({ "out": spell(&args.out), "pages": pages }), || {
        Lines::one(format_args!("{} man pages in {}", files.len(), spell(&args.out)))
    })?;
    Ok(Exit::Done)
}

/// The pages of a command and of all commands below it, by file name.
fn collect(command: &Command, pages: &mut Vec<(String, Vec<u8>)>) -> io::Result<()> {
    let page = Man::new(command.clone());
    let mut text = Vec::new();
    page.render(&mut text)?;
    pages.push((page.get_filename(), text));
    command.get_subcommands().filter(|below| below.get_name() != "help").try_for_each(|below| collect(below, pages))
}
