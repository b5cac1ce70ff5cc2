//! Whether an exporter's settings fit what is exported: names that nothing has are errors, and so are ranges that an input
//! cannot hold.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::Tensor;

use super::api::Exporter;
use super::constant::onnx_type;
use super::lower::integer_range;
use super::values::Spec;

/// How many names an error lists.
const LISTED: usize = 40;

/// Whether every range is of an input that can hold it.
pub(crate) fn ranges(exporter: &Exporter, inputs: &[String], specs: &[Spec]) -> Result<(), String> {
    let find = |name: &String, setting: &str| -> Result<&Spec, String> {
        let at = inputs.iter().position(|input| input == name);
        at.map(|at| &specs[at]).ok_or_else(|| match inputs {
            [] => format!("{setting} names the input {name}, but there are no inputs"),
            _ => format!("{setting} names the input {name}, which is none of {}", listed(inputs)),
        })
    };
    for (name, range) in &exporter.int_ranges {
        let spec = find(name, "int_range")?;
        let Some((least, most)) = onnx_type(spec.dtype).and_then(integer_range) else {
            return Err(format!("int_range is given for {name}, which holds {:?}", spec.dtype));
        };
        if range.is_empty() {
            return Err(format!("int_range of {name} is empty: {range:?}"));
        }
        if i128::from(range.start) < least || i128::from(range.end) - 1 > most {
            return Err(format!("int_range of {name} is {range:?}, but {:?} holds {least} to {most}", spec.dtype));
        }
    }
    for (name, range) in &exporter.float_ranges {
        find(name, "float_range")?;
        if !(range.start <= range.end && range.start.is_finite() && range.end.is_finite()) {
            return Err(format!("float_range of {name} is {range:?}, expected two finite numbers in order"));
        }
    }
    Ok(())
}

/// Whether every parameter that is kept at full precision is one of the module's.
pub(crate) fn kept<M: Module>(names: &[String], module: &M) -> Result<(), String> {
    if names.is_empty() {
        return Ok(());
    }
    let mut paths = Paths::default();
    module.visit(&mut paths);
    match names.iter().find(|name| !paths.all.iter().any(|path| is_end(path, name))) {
        Some(name) if paths.all.is_empty() => {
            Err(format!("full_precision names {name}, but the module has no float parameters"))
        }
        Some(name) => Err(format!("full_precision names {name}, but the float parameters are {}", listed(&paths.all))),
        None => Ok(()),
    }
}

/// Whether a parameter's path ends in a name.
pub(crate) fn is_end(path: &str, name: &str) -> bool {
    path.strip_suffix(name).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

fn listed(names: &[String]) -> String {
    let mut text = names[..names.len().min(LISTED)].join(", ");
    if names.len() > LISTED {
        text += &format!(" and {} more", names.len() - LISTED);
    }
    text
}

/// The paths of a module's float parameters.
#[derive(Default)]
struct Paths {
    path: Vec<String>,
    all: Vec<String>,
}

impl ModuleVisitor for Paths {
    fn visit_float<const D: usize>(&mut self, _param: &Param<Tensor<D>>) {
        self.all.push(self.path.join("."));
    }

    fn enter_module(&mut self, name: &str, _container_type: &str) {
        self.path.push(name.into());
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_end_of_a_path() {
        assert!(is_end("quantizer.codebook", "codebook") && is_end("codebook", "codebook"));
        assert!(!is_end("quantizer.codebook", "book") && !is_end("codebook", "a.codebook"));
    }

    #[test]
    fn long_lists_are_cut() {
        let names: Vec<String> = (0..50).map(|n| format!("p{n}")).collect();
        assert!(listed(&names).ends_with("p39 and 10 more"));
    }
}
