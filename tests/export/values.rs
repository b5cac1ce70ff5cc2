//! What a forward pass may take and return, and names that nothing has.

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Bool, Device, Int, Tensor};
use oasis::ErrorKind;
use oasis::export::{Exporter, Values, Walk};

use crate::common::{floats, ints, verify};

pub fn trials() -> Vec<libtest_mimic::Trial> {
    crate::trials![
        functions_need_no_module,
        functions_take_given_samples,
        arrays_options_and_boxes_are_walked,
        structs_are_taken_and_returned,
        values_can_be_rebuilt,
        ranges_of_unknown_inputs_are_refused,
        ranges_that_do_not_fit_are_refused,
        unknown_parameters_and_axes_are_refused
    ]
}

fn functions_need_no_module() {
    let table = floats::<2>([3, 4]);
    let exported = Exporter::new()
        .input("x")
        .dynamic_axis("x", 0, "batch")
        .export_fn(floats::<2>([2, 3]), move |x: Tensor<2>| x.clone().matmul(table.clone().to_device(&x.device())))
        .expect("a function");
    assert_eq!(exported.outputs()[0].to_string(), "output f32 [batch, 4]");
    verify("values_function", &exported);
}

fn functions_take_given_samples() {
    let exported = Exporter::new()
        .input("x")
        .dynamic_axis("x", 0, "length")
        .export_fn_samples(vec![floats::<2>([4, 3]), floats::<2>([10, 3])], |x: Tensor<2>| {
            let [length, width] = x.dims();
            x.reshape([length / 2, 2 * width])
        })
        .expect("pairs");
    assert_eq!(exported.axes(), ["length"]);
}

fn arrays_options_and_boxes_are_walked() {
    type Sample = ([Tensor<2>; 2], Option<Tensor<2, Int>>, Option<Tensor<1>>, Box<Tensor<2, Bool>>, ());
    let sample: Sample =
        ([floats([2, 3]), floats([2, 3])], Some(ints([2, 3], 4)), None, Box::new(ints([2, 3], 2).equal_elem(1)), ());
    let exported = Exporter::new()
        .export_fn(sample, |([a, b], i, none, mask, ()): Sample| {
            assert!(none.is_none());
            let sum = a.clone() + b;
            let more = i.map(|i| i.float() + sum.clone());
            (more, [sum.clone(), a.mask_fill(*mask, 0.0)], None::<Tensor<1>>, Box::new(sum.exp()))
        })
        .expect("nested values");
    assert_eq!((exported.inputs().len(), exported.outputs().len()), (4, 4));
    verify("values_nested", &exported);
}

#[derive(Clone)]
struct Batch {
    tokens: Tensor<2, Int>,
    bias: Option<Tensor<2>>,
    scale: f32,
}

oasis::values!(Batch { tokens, bias });

/// Written by hand, with a field that holds no tensor in the middle.
#[derive(Clone)]
struct Scores {
    scores: Tensor<2>,
    name: &'static str,
    parts: Vec<Tensor<2>>,
}

impl Values for Scores {
    fn walk(&self, walk: &mut Walk<'_>) -> Self {
        Self { scores: self.scores.walk(walk), name: self.name, parts: self.parts.walk(walk) }
    }
}

#[derive(Module, Debug)]
struct Head {
    linear: Linear,
}

impl Head {
    fn forward(&self, batch: Batch) -> Scores {
        let x = batch.tokens.float() * batch.scale;
        let scores = self.linear.forward(x) + batch.bias.expect("the sample has one");
        Scores { parts: scores.clone().chunk(2, 1), scores, name: "head" }
    }
}

fn structs_are_taken_and_returned() {
    let head = Head { linear: LinearConfig::new(3, 4).init(&Device::flex()) };
    let sample = Batch { tokens: ints([2, 3], 5), bias: Some(floats([2, 4])), scale: 0.5 };
    assert_eq!(sample.count(), 2);
    let exported = Exporter::new()
        .input("tokens")
        .input("bias")
        .output("scores")
        .int_range("tokens", 0..5)
        .dynamic_axis("tokens", 0, "batch")
        .dynamic_axis("bias", 0, "batch")
        .export(&head, sample, Head::forward)
        .expect("structs on both sides");
    let outputs: Vec<String> = exported.outputs().iter().map(ToString::to_string).collect();
    assert_eq!(outputs, ["scores f32 [batch, 4]", "output_1 f32 [batch, 2]", "output_2 f32 [batch, 2]"]);
    verify("values_structs", &exported);
}

fn values_can_be_rebuilt() {
    let sample = Batch { tokens: ints([2, 3], 5), bias: None, scale: 0.5 };
    let again = sample.rebuilt(&mut std::iter::once(burn::tensor::TensorData::from([[7i64, 8]])));
    assert_eq!(again.tokens.dims(), [1, 2]);
    assert_eq!((again.tokens.dtype(), again.scale, again.bias.is_none()), (sample.tokens.dtype(), 0.5, true));
}

/// The message of an export of two floats and integers that does not start.
fn refused(exporter: Exporter) -> String {
    let linear = LinearConfig::new(3, 4).init(&Device::flex());
    let sample = (floats::<2>([2, 3]), ints::<1>([2], 5));
    let error = exporter
        .input("x")
        .input("ids")
        .export(&linear, sample, |linear: &Linear, (x, ids): (Tensor<2>, Tensor<1, Int>)| (linear.forward(x), ids))
        .expect_err("a setting that does not fit");
    assert_eq!(error.kind(), ErrorKind::Usage);
    error.why().to_owned()
}

fn ranges_of_unknown_inputs_are_refused() {
    assert_eq!(refused(Exporter::new().int_range("id", 0..5)), "int_range names the input id, which is none of x, ids");
    assert_eq!(
        refused(Exporter::new().float_range("y", 0.0..5.0)),
        "float_range names the input y, which is none of x, ids"
    );
}

fn ranges_that_do_not_fit_are_refused() {
    assert_eq!(refused(Exporter::new().int_range("x", 0..5)), "int_range is given for x, which holds F32");
    assert_eq!(refused(Exporter::new().int_range("ids", 5..5)), "int_range of ids is empty: 5..5");
    let wide = refused(Exporter::new().int_range("ids", 0..1 << 40));
    assert_eq!(wide, "int_range of ids is 0..1099511627776, but I32 holds -2147483648 to 2147483647");
    let nan = refused(Exporter::new().float_range("x", f64::NAN..1.0));
    assert_eq!(nan, "float_range of x is NaN..1.0, expected two finite numbers in order");
}

fn unknown_parameters_and_axes_are_refused() {
    let kept = refused(Exporter::new().half_weights(true).full_precision("weigth"));
    assert_eq!(kept, "full_precision names weigth, but the float parameters are weight, bias");
    let axis = refused(Exporter::new().dynamic_axis("y", 0, "batch"));
    assert_eq!(axis, "there is no input y; the inputs are x, ids");
}
