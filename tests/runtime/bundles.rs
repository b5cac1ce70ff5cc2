//! Bundles that are right, and bundles that are wrong in one way each.

use std::fs;
use std::path::{Path, PathBuf};

use oasis::bundle::{Bundle, BundleWriter, MANIFEST, Manifest, Role, keys, read_model};
use oasis::onnx::{DataType, ModelFile};
use oasis::runtime::{Backend, Oasis};
use oasis::{Error, ErrorKind};

use super::toy::{self, sha256};
use super::wire::{Message, Model, node, port};

type Change = Box<dyn Fn(&mut Model)>;

struct Folder {
    _dir: tempfile::TempDir,
    path: PathBuf,
}

fn folder() -> Folder {
    let (dir, _) = toy::bundle();
    let path = dir.path().join("toy");
    Folder { _dir: dir, path }
}

impl Folder {
    fn edit_manifest(&self, edit: impl Fn(&mut serde_json::Value)) {
        let path = self.path.join(MANIFEST);
        let mut json = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        edit(&mut json);
        fs::write(path, serde_json::to_vec(&json).unwrap()).unwrap();
    }

    /// Replaces a file, and says so in the manifest.
    fn replace(&self, role: &Role, bytes: &[u8]) {
        fs::write(self.path.join(role.file_name()), bytes).unwrap();
        self.edit_manifest(|json| {
            json["files"][role.as_str()]["bytes"] = bytes.len().into();
            json["files"][role.as_str()]["sha256"] = sha256(bytes).into();
        });
    }

    fn replace_model(&self, role: &Role, change: impl Fn(&mut Model)) {
        let mut model = toy::model(role);
        change(&mut model);
        self.replace(role, &model.write());
    }

    /// Opens it, which must fail on `file` for a reason that holds `words`.
    fn refused(&self, file: &str, words: &[&str]) -> Error {
        let error = Bundle::open(&self.path).unwrap_err();
        assert!(error.subject().to_string().ends_with(file), "{error}");
        for word in words {
            assert!(error.why().contains(word), "`{word}` is not in: {error}");
        }
        assert!(!error.hints().is_empty(), "no hint: {error}");
        error
    }
}

#[test]
fn a_good_bundle_opens_and_tells_its_sizes() {
    let folder = folder();
    let bundle = Bundle::open(&folder.path).unwrap();
    assert_eq!(bundle.sizes(), toy::sizes());
    assert_eq!(bundle.files().count(), 4);
    assert_eq!(bundle.codebook().unwrap().dim(), (toy::K, toy::D));
    assert_eq!(bundle.manifest().run, "toy");
    assert_eq!(bundle.manifest().verification.ort, "not verified on ort");
    assert!(Bundle::resolve(Some(&folder.path)).is_ok());
}

#[test]
fn without_a_prior_all_but_sampling_works() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = BundleWriter::create(dir.path()).unwrap();
    for role in [Role::Encoder, Role::Quantizer, Role::Decoder] {
        writer.add(&role, &toy::model(&role).write()).unwrap();
    }
    let bundle = writer.finish(Manifest::new("toy", toy::sizes())).unwrap();
    let oasis = Oasis::open(&bundle, Backend::Tract).unwrap();
    assert!(oasis.reconstruct(toy::images(1).view()).is_ok());
    let error = oasis.load(&Role::Prior).unwrap_err();
    assert!(error.why().contains("prior") && error.hints()[0].contains("`prior`"), "{error}");
}

#[test]
fn missing_things_are_named() {
    let error = Bundle::open(Path::new("no/such/folder")).unwrap_err();
    assert_eq!((error.kind(), error.subject().to_string().as_str()), (ErrorKind::Input, "no/such/folder"));
    assert!(error.hints()[0].contains("`bundle`"));

    let folder = folder();
    fs::remove_file(folder.path.join("decoder.onnx")).unwrap();
    folder.refused("decoder.onnx", &["missing"]);
    fs::create_dir(folder.path.join("decoder.onnx")).unwrap();
    folder.refused("decoder.onnx", &[]);
    fs::remove_file(folder.path.join(MANIFEST)).unwrap();
    folder.refused(MANIFEST, &["missing"]);
    let file = folder.path.join("encoder.onnx");
    assert!(Bundle::open(&file).unwrap_err().why().contains("not a folder"));
}

#[test]
fn a_changed_or_cut_file_is_refused_before_it_is_parsed() {
    let folder = folder();
    let path = folder.path.join("encoder.onnx");
    let mut bytes = fs::read(&path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&path, &bytes).unwrap();
    folder.refused("encoder.onnx", &["sha256", "expected"]);
    fs::write(&path, &bytes[..last / 2]).unwrap();
    folder.refused("encoder.onnx", &["size", "expected"]);
}

#[test]
fn a_cut_model_is_refused_wherever_it_is_cut() {
    let bytes = toy::model(&Role::Quantizer).write();
    for length in 0..bytes.len() {
        // A cut between the metadata at the end leaves a whole model.
        match read_model(&Role::Quantizer, "cut.onnx", bytes[..length].to_vec()) {
            Ok(file) => assert!(file.model().metadata.len() < 4, "{length}"),
            Err(error) => {
                assert_eq!((error.kind(), error.subject().to_string().as_str()), (ErrorKind::Model, "cut.onnx"))
            }
        }
    }
    let folder = folder();
    folder.replace(&Role::Quantizer, &bytes[..bytes.len() / 2]);
    folder.refused("quantizer.onnx", &["not a valid ONNX file"]);
    folder.replace(&Role::Quantizer, b"PK and something else");
    folder.refused("quantizer.onnx", &[]);
}

#[test]
fn no_byte_of_a_model_can_be_flipped_into_a_panic() {
    let bytes = toy::model(&Role::Quantizer).write();
    for index in 0..bytes.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut bytes = bytes.clone();
            bytes[index] ^= flip;
            let _ = read_model(&Role::Quantizer, "flipped.onnx", bytes);
        }
    }
}

#[test]
fn a_bad_manifest_is_refused() {
    let folder = folder();
    folder.edit_manifest(|json| json["schema_version"] = 2.into());
    folder.refused(MANIFEST, &["found schema version 2, expected 1"]);
    type Edit = fn(&mut serde_json::Value);
    let edits: [(&str, Edit); 7] = [
        ("role `decoder`", |json| drop(json["files"].as_object_mut().unwrap().remove("decoder"))),
        ("codebook_size 9, expected 8", |json| json["codebook_size"] = 9.into()),
        ("grid [4, 5], expected [4, 4]", |json| json["grid"][1] = 5.into()),
        ("run other, expected toy", |json| json["run"] = "other".into()),
        ("image", |json| json["image"][0] = 128.into()),
        ("condition", |json| json["condition"]["slice_any"] = 31.into()),
        ("plain file name", |json| json["files"]["encoder"]["file"] = "../toy/encoder.onnx".into()),
    ];
    for (words, edit) in edits {
        let folder = self::folder();
        folder.edit_manifest(edit);
        folder.refused(MANIFEST, &[words]);
    }
    fs::write(folder.path.join(MANIFEST), "{").unwrap();
    folder.refused(MANIFEST, &["not a bundle's manifest"]);
    fs::write(folder.path.join(MANIFEST), vec![b' '; 2 << 20]).unwrap();
    let error = Bundle::open(&folder.path).unwrap_err();
    assert!(error.why().contains("larger than 1 MiB"), "{error}");
}

#[test]
fn files_of_different_runs_are_refused() {
    let folder = folder();
    folder.replace_model(&Role::Decoder, |model| model.metadata[1].1 = "another".to_owned());
    let error = folder.refused("decoder.onnx", &[keys::RUN, "another", "toy"]);
    assert_eq!(error.kind(), ErrorKind::Model);
}

#[test]
fn files_of_different_sizes_are_refused() {
    let sized = |name: &str, dtype, shape: &[i64]| port(name, dtype, shape);
    let cases: [(Role, &[&str], Change); 5] = [
        (
            Role::Quantizer,
            &["latent size 5", "4"],
            Box::new(move |model| {
                model.inputs[0] = sized("latents", DataType::F32, &[-1, 5, 4, 4]);
            }),
        ),
        (
            Role::Decoder,
            &["8x4", "4x4"],
            Box::new(move |model| {
                model.inputs[0] = sized("codes", DataType::I64, &[-1, 8, 4]);
            }),
        ),
        (
            Role::Prior,
            &["codebook of 8", "16"],
            Box::new(move |model| {
                model.outputs[0] = sized("logits", DataType::F32, &[-1, 16, 4, 4]);
            }),
        ),
        (
            Role::Prior,
            &["logits", "4x4"],
            Box::new(move |model| {
                model.outputs[0] = sized("logits", DataType::F32, &[-1, 8, 8, 4]);
            }),
        ),
        (
            Role::Decoder,
            &["codebook of 9", "8"],
            Box::new(|model| {
                model.metadata[3].1 = "9".to_owned();
            }),
        ),
    ];
    for (role, words, change) in cases {
        let folder = folder();
        folder.replace_model(&role, change);
        let error = Bundle::open(&folder.path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Model);
        assert_eq!(error.what(), "files of different models in one bundle", "{error}");
        for word in words {
            assert!(error.why().contains(word), "`{word}` is not in: {error}");
        }
    }
}

#[test]
fn a_model_that_breaks_its_contract_is_refused() {
    let cases: [(&[&str], Change); 13] = [
        (
            &["picture", "image f32 [batch, 1, 256, 256]"],
            Box::new(|m| {
                m.inputs[0] = port("picture", DataType::F32, &[-1, 1, 256, 256]);
                m.nodes.insert(0, node("Identity", &["picture"], "image", &[]));
            }),
        ),
        (&["image f64", "image f32"], Box::new(|m| m.inputs[0] = port("image", DataType::F64, &[-1, 1, 256, 256]))),
        (&["[batch, 1, 128, 256]"], Box::new(|m| m.inputs[0] = port("image", DataType::F32, &[-1, 1, 128, 256]))),
        (&["[1, 1, 256, 256]", "[batch,"], Box::new(|m| m.inputs[0] = port("image", DataType::F32, &[1, 1, 256, 256]))),
        (&["outputs none"], Box::new(|m| m.outputs.clear())),
        (&["IR version 3", "at least 4"], Box::new(|m| m.ir = 3)),
        (&["IR version 12", "at most 10"], Box::new(|m| m.ir = 12)),
        (&["opset 30", "at most 21"], Box::new(|m| m.opset = 30)),
        (&["no opset of the standard domain"], Box::new(|m| m.domain = "com.example")),
        (&["com.example", "Conv"], Box::new(|m| m.nodes[0] = m.nodes[0].clone().bytes(7, "com.example"))),
        (&["another file"], Box::new(|m| m.weights[0] = m.weights[0].clone().int(14, 1))),
        (
            &["16388 bytes", "f32"],
            Box::new(|m| {
                let values = [0.0; 4097];
                m.weights[0] = super::wire::floats("encoder.weight", &[4, 1, 64, 64], &values);
            }),
        ),
        (
            &["graph inside"],
            Box::new(|m| {
                let inside = Message::default().bytes(1, "body").message(6, Message::default()).int(20, 5);
                m.nodes.push(node("Loop", &["image"], "other", &[inside]));
            }),
        ),
    ];
    for (words, change) in cases {
        let folder = folder();
        folder.replace_model(&Role::Encoder, change);
        let error = folder.refused("encoder.onnx", words);
        assert_eq!(error.kind(), ErrorKind::Model, "{error}");
    }
}

#[test]
fn a_second_graph_in_a_file_is_refused_and_engines_see_what_was_validated() {
    let folder = folder();
    let role = Role::Encoder;
    let second = Message(toy::model(&role).write()).message(7, Message::default());
    folder.replace(&role, &second.0);
    folder.refused("encoder.onnx", &["the model has field 7 twice"]);

    let described = Message(toy::model(&role).write()).bytes(4, "a domain, which engines need not see");
    folder.replace(&role, &described.0);
    let bundle = Bundle::open(&folder.path).unwrap();
    let file = bundle.file(&role).unwrap();
    assert_eq!((file.sha256(), file.file_len()), (Some(sha256(&described.0).as_str()), described.0.len() as u64));
    assert_eq!(file.bytes(), &ModelFile::read("encoder.onnx", toy::model(&role).write()).unwrap().model().write());
}

#[test]
fn metadata_is_required_and_must_be_the_role_s() {
    for (index, key) in [(0, keys::ROLE), (1, keys::RUN), (2, keys::PREPROCESSING)] {
        let folder = folder();
        folder.replace_model(&Role::Quantizer, |model| drop(model.metadata.remove(index)));
        folder.refused("quantizer.onnx", &[key]);
    }
    let folder = folder();
    folder.replace_model(&Role::Quantizer, |model| model.metadata[0].1 = "decoder".to_owned());
    folder.refused("quantizer.onnx", &["role `decoder`", "role `quantizer`"]);
}

#[test]
fn a_writer_refuses_a_folder_of_something_else_and_leaves_nothing_when_dropped() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("thesis.tex"), "").unwrap();
    let error = BundleWriter::create(dir.path()).unwrap_err();
    assert!(error.why().contains("not a bundle"), "{error}");

    let fresh = dir.path().join("fresh");
    let mut writer = BundleWriter::create(&fresh).unwrap();
    writer.add(&Role::Encoder, &toy::model(&Role::Encoder).write()).unwrap();
    assert!(writer.add(&Role::Decoder, b"nonsense").is_err());
    drop(writer);
    assert!(!fresh.exists());

    let mut writer = BundleWriter::create(&fresh).unwrap();
    writer.add(&Role::Encoder, &toy::model(&Role::Encoder).write()).unwrap();
    assert!(writer.finish(Manifest::new("toy", toy::sizes())).is_err());
    assert!(!fresh.exists());
}

#[test]
fn a_bundle_is_replaced_whole_and_its_other_files_stay() {
    let folder = folder();
    fs::write(folder.path.join("README.md"), "card").unwrap();
    let mut failing = BundleWriter::create(&folder.path).unwrap();
    failing.add(&Role::Encoder, &toy::model(&Role::Encoder).write()).unwrap();
    assert!(failing.finish(Manifest::new("toy", toy::sizes())).is_err());
    assert!(Bundle::open(&folder.path).is_ok());

    let mut writer = BundleWriter::create(&folder.path).unwrap();
    for role in [Role::Encoder, Role::Quantizer, Role::Decoder] {
        let mut model = toy::model(&role);
        model.metadata[1].1 = "second".to_owned();
        writer.add(&role, &model.write()).unwrap();
    }
    let bundle = writer.finish(Manifest::new("second", toy::sizes())).unwrap();
    assert_eq!(bundle.manifest().run, "second");
    let mut names: Vec<_> =
        fs::read_dir(&folder.path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["README.md", MANIFEST, "decoder.onnx", "encoder.onnx", "quantizer.onnx"]);
}

#[test]
fn inspection_tells_layers_shapes_and_parameters() {
    let folder = folder();
    let files = Bundle::open(&folder.path).unwrap().inspect();
    let decoder = &files["decoder"];
    assert_eq!((decoder.nodes, decoder.opset, decoder.ir_version), (4, 18, 8));
    assert_eq!(decoder.parameters, (8 * 4 + 4 * 64 * 64 + 2) as u64);
    let ops: Vec<_> = decoder.layers.iter().map(|layer| layer.op.as_str()).collect();
    assert_eq!(ops, ["Gather", "Transpose", "ConvTranspose", "Clip"]);
    let json = serde_json::to_value(&files).unwrap();
    assert_eq!(json["decoder"]["layers"][1]["shape"], serde_json::json!([1, 4, 4, 4]));
    assert_eq!(json["decoder"]["layers"][2]["shape"], serde_json::json!([1, 1, 256, 256]));
    assert_eq!(json["encoder"]["inputs"][0]["shape"], serde_json::json!(["batch", 1, 256, 256]));
    assert_eq!(json["encoder"]["inputs"][0]["dtype"], "f32");
    assert_eq!(json["encoder"]["metadata"][keys::RUN], "toy");
    assert_eq!(decoder.sha256.len(), 64);
}
