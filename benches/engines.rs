//! Each stage of the embedded bundle on tract and on ONNX Runtime, and what surrounds them.
//!
//! ```text
//! cargo bench --bench engines -- decoder
//! ```
//!
//! Throughput is in images. Without an ONNX Runtime library its half is skipped, with a line that says why.

use std::ops::ControlFlow;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ndarray::{Array2, Array4};
use oasis::bundle::{Bundle, Role};
use oasis::data::{Fit, Frame, grey_image, phantom, save_png};
use oasis::metrics::ssim;
use oasis::runtime::{Backend, Given, Oasis, SampleRequest, Tensor, stack_images};

fn tract() -> Oasis {
    Oasis::open(&Bundle::embedded().unwrap(), Backend::Tract).unwrap()
}

/// The embedded bundle on every engine that can run here.
fn engines() -> Vec<Oasis> {
    let mut engines = vec![tract()];
    match Oasis::open(&Bundle::embedded().unwrap(), Backend::Ort) {
        Ok(ort) => engines.push(ort),
        Err(why) => println!("SKIPPED: ort: {why}"),
    }
    engines
}

/// Made-up brains `[count, 1, 256, 256]`.
fn brains(count: usize) -> Array4<f32> {
    let brains: Vec<_> = (0..count).map(|index| phantom::draw(1, index as u32, 16)).collect();
    stack_images(brains.iter().map(|image| image.view())).unwrap()
}

/// What a stage gets in a reconstruction of `count` brains.
fn inputs(oasis: &Oasis, role: &Role, count: usize) -> Vec<(&'static str, Tensor)> {
    let images = brains(count);
    let latents = oasis.latents(images.view()).unwrap();
    let codes = Tensor::I64(oasis.quantize(latents.view()).unwrap().into_dyn());
    let words = &oasis.bundle().manifest().condition;
    let any = [words.slice_any, words.class_any];
    match role {
        Role::Encoder => vec![("image", Tensor::F32(images.into_dyn()))],
        Role::Quantizer => vec![("latents", Tensor::F32(latents.into_dyn()))],
        Role::Decoder => vec![("codes", codes)],
        Role::Prior => {
            let condition = Array2::from_shape_fn((count, 2), |(_, axis)| any[axis]);
            vec![("codes", codes), ("condition", Tensor::I64(condition.into_dyn()))]
        }
        other => panic!("nothing is known of {other}"),
    }
}

fn stages(criterion: &mut Criterion) {
    let engines = engines();
    for role in Role::FIXED {
        let mut group = criterion.benchmark_group(role.as_str());
        group.sample_size(20);
        for count in [1, 8] {
            let inputs = inputs(&engines[0], &role, count);
            let views: Vec<_> = inputs.iter().map(|(name, tensor)| (*name, tensor.view())).collect();
            group.throughput(Throughput::Elements(count as u64));
            for oasis in &engines {
                group.bench_function(BenchmarkId::new(oasis.engine().name(), count), |bencher| {
                    bencher.iter(|| oasis.run(&role, &views).unwrap());
                });
            }
        }
        group.finish();
    }
}

fn scores(criterion: &mut Criterion) {
    let (a, b) = (phantom::draw(1, 1, 16), phantom::draw(1, 1, 17));
    let mut group = criterion.benchmark_group("ssim");
    group.throughput(Throughput::Elements(1));
    group.bench_function("256x256", |bencher| bencher.iter(|| ssim(a.view(), b.view())));
    group.finish();
}

fn slices(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("slice.png");
    save_png(&path, &grey_image(phantom::draw(1, 1, 16).view())).unwrap();
    let mut group = criterion.benchmark_group("decode slice");
    group.throughput(Throughput::Elements(1));
    group.bench_function("png", |bencher| bencher.iter(|| Frame::decode(&path, Fit::Exact).unwrap()));
    group.finish();
}

/// The lower quarter of a brain, drawn below a given rest.
fn samples(criterion: &mut Criterion) {
    let codes = tract().encode(brains(1).view()).unwrap();
    let rows = codes.dim().1 * 3 / 4;
    let request = SampleRequest::new(1, 1).given(Given::new(codes, rows));
    let mut group = criterion.benchmark_group("sample");
    group.sample_size(10).measurement_time(Duration::from_secs(10)).throughput(Throughput::Elements(1));
    for oasis in engines() {
        let sampler = oasis.sampler().unwrap();
        sampler.check(&request).unwrap();
        group.bench_function(oasis.engine().name(), |bencher| {
            bencher.iter(|| sampler.sample(&request, &mut |_| ControlFlow::Continue(())).unwrap());
        });
    }
    group.finish();
}

criterion_group!(benches, stages, scores, slices, samples);
criterion_main!(benches);
