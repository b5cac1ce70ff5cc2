//! Model repositories, held against the ONNX files in them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use oasis::bundle::triton::{self, Settings};
use oasis::bundle::{Bundle, BundleWriter, Manifest, Role, keys};
use oasis::onnx::{DataType, Dim, Model, Port};
use oasis::{Error, ErrorKind, Subject};

use super::pbtxt::{self, Message};
use super::toy::{self, sha256};

#[derive(Debug, Clone, PartialEq)]
struct Tensor {
    name: String,
    data_type: String,
    dims: Vec<i64>,
}

/// The tensors that a configuration declares.
fn declared(config: &Message, field: &str) -> Vec<Tensor> {
    let read = |tensor: &Message| {
        tensor.only(&["name", "data_type", "dims"]);
        Tensor {
            name: tensor.text("name").to_owned(),
            data_type: tensor.word("data_type").to_owned(),
            dims: tensor.numbers("dims"),
        }
    };
    config.messages(field).into_iter().map(read).collect()
}

/// What a configuration must declare for an ONNX file's ports: all but the batch, which has a name for a length.
fn expected(ports: &[Port]) -> Vec<Tensor> {
    let size = |dim: &Dim| match dim {
        Dim::Fixed(size) => *size as i64,
        other => panic!("an axis of {other}"),
    };
    let one = |port: &Port| {
        assert!(matches!(port.dims()[0], Dim::Symbol(_)), "{port}");
        let data_type = match port.dtype {
            DataType::F32 => "TYPE_FP32",
            DataType::I64 => "TYPE_INT64",
            other => panic!("a port of {other}"),
        };
        Tensor {
            name: port.name.clone(),
            data_type: data_type.to_owned(),
            dims: port.dims()[1..].iter().map(size).collect(),
        }
    };
    ports.iter().map(one).collect()
}

/// The names of what lies in a folder, in order.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn config(repository: &Path, name: &str) -> Message {
    let folder = repository.join(name);
    assert_eq!(names(&folder), ["1", "config.pbtxt"], "{name}");
    let text = fs::read_to_string(folder.join("config.pbtxt")).unwrap();
    let config = pbtxt::parse(&text).unwrap_or_else(|why| panic!("{name}: {why} in\n{text}"));
    assert_eq!(config.text("name"), name);
    config
}

fn parameters(config: &Message) -> BTreeMap<String, String> {
    config.map("parameters", |entry| entry.message("value").only(&["string_value"]).text("string_value").to_owned())
}

fn check_model(repository: &Path, bundle: &Bundle, role: &Role, settings: &Settings) {
    let name = format!("{}{role}", settings.prefix);
    let config = config(repository, &name);
    config.only(&[
        "name",
        "platform",
        "backend",
        "max_batch_size",
        "input",
        "output",
        "dynamic_batching",
        "instance_group",
        "parameters",
    ]);
    assert_eq!((config.text("platform"), config.text("backend")), ("onnxruntime_onnx", "onnxruntime"));
    assert_eq!(config.number("max_batch_size"), i64::from(settings.max_batch));
    assert_eq!(config.message("dynamic_batching"), &Message::default());
    assert_eq!(config.has("instance_group"), settings.instances.is_some());
    if let Some(instances) = settings.instances {
        let group = config.message("instance_group").only(&["count", "kind"]);
        assert_eq!((group.number("count"), group.word("kind")), (i64::from(instances), "KIND_AUTO"));
    }

    let version = repository.join(&name).join("1");
    assert_eq!(names(&version), ["model.onnx"]);
    let bytes = fs::read(version.join("model.onnx")).unwrap();
    assert_eq!(&bytes, bundle.file(role).unwrap().bytes());
    let model = Model::read(&bytes.clone().into()).unwrap();
    assert_eq!(declared(&config, "input"), expected(&model.graph.inputs), "{name}");
    assert_eq!(declared(&config, "output"), expected(&model.graph.outputs), "{name}");
    let parameters = parameters(&config);
    assert_eq!(parameters["oasis.sha256"], sha256(&bytes));
    assert_eq!(parameters[keys::RUN], bundle.manifest().run);
    assert_eq!(parameters[keys::ROLE], role.as_str());
}

/// Holds an ensemble against the models that it chains, and gives its inputs and outputs.
fn check_ensemble(repository: &Path, bundle: &Bundle, name: &str, settings: &Settings) -> [Vec<Tensor>; 2] {
    let config = config(repository, &format!("{}{name}", settings.prefix));
    config.only(&["name", "platform", "max_batch_size", "input", "output", "ensemble_scheduling", "parameters"]);
    assert_eq!(config.text("platform"), "ensemble");
    assert!(names(&repository.join(config.text("name")).join("1")).is_empty());
    assert_eq!(parameters(&config)[keys::RUN], bundle.manifest().run);

    let [inputs, outputs] = ["input", "output"].map(|field| declared(&config, field));
    let mut known: BTreeMap<String, Tensor> = inputs.iter().map(|input| (input.name.clone(), input.clone())).collect();
    let mut used = BTreeSet::new();
    for step in config.message("ensemble_scheduling").only(&["step"]).messages("step") {
        step.only(&["model_name", "model_version", "input_map", "output_map"]);
        assert_eq!(step.number("model_version"), -1);
        let model = self::config(repository, step.text("model_name"));
        assert!(config.number("max_batch_size") <= model.number("max_batch_size"));

        let same = |tensor: &Tensor, at: &Tensor| {
            assert_eq!((&tensor.data_type, &tensor.dims), (&at.data_type, &at.dims), "{tensor:?} at {at:?}");
        };
        let mapped = |field: &str, declared: &[Tensor]| {
            let map = step.map(field, |entry| entry.text("value").to_owned());
            assert!(map.keys().eq(declared.iter().map(|tensor| &tensor.name).collect::<BTreeSet<_>>()), "{map:?}");
            map
        };
        let reads = declared(&model, "input");
        let map = mapped("input_map", &reads);
        for tensor in &reads {
            let at = &map[&tensor.name];
            same(tensor, known.get(at).unwrap_or_else(|| panic!("{at} is made by no step before")));
            used.insert(at.clone());
        }
        let makes = declared(&model, "output");
        let map = mapped("output_map", &makes);
        for tensor in &makes {
            let at = map[&tensor.name].clone();
            let twice = known.insert(at.clone(), Tensor { name: at, ..tensor.clone() });
            assert_eq!(twice, None);
        }
    }
    for output in &outputs {
        assert_eq!(known.get(&output.name), Some(output));
        used.insert(output.name.clone());
    }
    assert!(known.keys().eq(used.iter()), "of {known:?} only {used:?} are used");
    [inputs, outputs]
}

/// Writes the bundle as a repository and holds everything in it against the bundle.
fn check(bundle: &Bundle, settings: &Settings) {
    let dir = tempfile::tempdir().unwrap();
    let repository = dir.path().join("above").join("models");
    let models = triton::write(bundle, &repository, settings).unwrap();

    let roles: Vec<Role> = Role::FIXED.into_iter().filter(|role| bundle.get(role).is_some()).collect();
    let ensembles = ["reconstruct", "encode"];
    let all = roles.iter().map(|role| role.as_str()).chain(ensembles);
    let mut all: Vec<String> = all.map(|name| format!("{}{name}", settings.prefix)).collect();
    assert_eq!(models.iter().map(|model| model.name.clone()).collect::<Vec<_>>(), all);
    all.sort();
    assert_eq!(names(&repository), all);
    assert_eq!(names(&dir.path().join("above")), ["models"]);

    for role in &roles {
        check_model(&repository, bundle, role, settings);
    }
    let of = |role: &Role| &bundle.file(role).unwrap().model().graph;
    let image = expected(&of(&Role::Encoder).inputs);
    let [inputs, outputs] = check_ensemble(&repository, bundle, "reconstruct", settings);
    assert_eq!((&inputs, outputs), (&image, expected(&of(&Role::Decoder).outputs)));
    let [inputs, outputs] = check_ensemble(&repository, bundle, "encode", settings);
    assert_eq!((inputs, outputs), (image, expected(&of(&Role::Quantizer).outputs)));
}

#[cfg(feature = "bundled")]
#[test]
fn the_shipped_bundle_becomes_a_repository() {
    let bundle = Bundle::embedded().unwrap();
    check(&bundle, &Settings::default());
    for (role, file) in bundle.files() {
        assert_eq!(Some(sha256(file.bytes()).as_str()), file.sha256(), "{role} is served as other bytes");
    }
}

#[test]
fn settings_are_kept_to() {
    let (_dir, bundle) = toy::bundle();
    check(&bundle, &settings("", 1, Some(2)));
    check(&bundle, &settings("a-B.9_", u16::MAX, None));
}

#[test]
fn a_bundle_without_a_prior_is_served_without_it_and_odd_names_survive() {
    let run = "a \"run\"\\ of\n\u{7} 256×256";
    let dir = tempfile::tempdir().unwrap();
    let mut writer = BundleWriter::create(dir.path()).unwrap();
    for role in [Role::Encoder, Role::Quantizer, Role::Decoder] {
        let mut model = toy::model(&role);
        model.metadata[1].1 = run.to_owned();
        writer.add(&role, &model.write()).unwrap();
    }
    let bundle = writer.finish(Manifest::new(run, toy::sizes())).unwrap();
    check(&bundle, &Settings::default());
}

fn settings(prefix: &str, max_batch: u16, instances: Option<u16>) -> Settings {
    let mut settings = Settings::default();
    settings.prefix = prefix.to_owned();
    (settings.max_batch, settings.instances) = (max_batch, instances);
    settings
}

fn refused(bundle: &Bundle, out: &Path, settings: &Settings) -> Error {
    let error = triton::write(bundle, out, settings).unwrap_err();
    assert!(!error.hints().is_empty(), "no hint: {error}");
    error
}

#[test]
fn a_repository_is_written_whole_or_not_at_all() {
    let (dir, bundle) = toy::bundle();
    let before = names(dir.path());
    let out = dir.path().join("models");
    let bad = [
        ("prefix", settings("../", 64, None)),
        ("prefix", settings(".hidden", 64, None)),
        ("max_batch", settings("oasis_", 0, None)),
        ("instances", settings("oasis_", 64, Some(0))),
    ];
    for (setting, settings) in bad {
        let error = refused(&bundle, &out, &settings);
        assert_eq!((error.kind(), error.subject()), (ErrorKind::Usage, &Subject::setting(setting)));
    }
    assert_eq!(names(dir.path()), before);

    // A folder of something else, and a file, stay as they were.
    let toy = dir.path().join("toy");
    let error = refused(&bundle, &toy, &Settings::default());
    assert_eq!(error.why(), "the folder is not empty");
    assert!(Bundle::open(&toy).is_ok());
    let error = refused(&bundle, &toy.join("bundle.json"), &Settings::default());
    assert!(error.why().contains("a file"), "{error}");
    assert_eq!(names(dir.path()), before);

    // An empty folder is taken; a repository that is there is not replaced.
    fs::create_dir(&out).unwrap();
    triton::write(&bundle, &out, &Settings::default()).unwrap();
    assert_eq!(refused(&bundle, &out, &Settings::default()).why(), "the folder is not empty");
    assert_eq!(names(&out).len(), 6);
}
