//! States whose shape stays, states that grow by several at once, and states that do not begin as zeros.

use burn::module::{Module, Param};
use burn::nn::conv::{Conv1d, Conv1dConfig, ConvTranspose1d, ConvTranspose1dConfig};
use burn::nn::{Gru, GruConfig, Linear, LinearConfig, Lstm, LstmConfig, LstmState};
use burn::tensor::activation::softmax;
use burn::tensor::{Device, Int, Tensor};
use oasis::export::Exporter;

use super::{check, cut, filled, zeros};
use crate::common::{engines, floats};
use crate::networks::seeded;

pub fn trials() -> Vec<libtest_mimic::Trial> {
    crate::trials![
        lstm,
        lstm_by_several,
        gru,
        convolution_with_history,
        attention_over_a_ring,
        mean_of_all_so_far,
        state_that_begins_with_values,
        state_of_truth_values,
        transposed_convolution_of_all_so_far,
        steps_that_give_something_else_are_seen,
    ]
}

const ONES: [usize; 9] = [1; 9];

/// An exporter of `x` `[batch, time, width]` to `y`, with a batch of any size.
fn exporter(name: &str) -> Exporter {
    Exporter::new().name(name).input("x").output("y").dynamic_axis("x", 0, "batch").float_range("x", -1.0..1.0)
}

fn lstm_step(lstm: &Lstm, x: Tensor<3>, (cell, hidden): (Tensor<2>, Tensor<2>)) -> (Tensor<3>, (Tensor<2>, Tensor<2>)) {
    let (y, last) = lstm.forward(x, Some(LstmState::new(cell, hidden)));
    (y, (last.cell, last.hidden))
}

fn lstm() {
    let lstm = seeded(LstmConfig::new(3, 5, true).init(&Device::flex()));
    let exported = exporter("state_lstm")
        .dynamic_axis("memory_0", 0, "batch")
        .dynamic_axis("memory_1", 0, "batch")
        .state("memory", (zeros([1, 5]), zeros([1, 5])))
        .export(&lstm, zeros([1, 1, 3]), lstm_step)
        .unwrap();
    let names: Vec<&str> = exported.outputs().iter().map(|port| port.name.as_str()).collect();
    assert_eq!(names, ["y", "next_memory_0", "next_memory_1"]);
    let x = floats([4, 9, 3]);
    check(&exported, &cut(&x, &lstm.forward(x.clone(), None).0, &ONES));
}

/// Steps of any length, each of which begins where the last one ended.
fn lstm_by_several() {
    let lstm = seeded(LstmConfig::new(3, 5, true).init(&Device::flex()));
    let exported = exporter("state_lstm_by_several")
        .dynamic_axis("x", 1, "time")
        .dynamic_axis("cell", 0, "batch")
        .dynamic_axis("hidden", 0, "batch")
        .state("memory", (zeros([1, 5]), zeros([1, 5])))
        .named([("cell", "next_cell"), ("hidden", "next_hidden")])
        .export(&lstm, zeros([1, 4, 3]), lstm_step)
        .unwrap();
    let x = floats([2, 16, 3]);
    check(&exported, &cut(&x, &lstm.forward(x.clone(), None).0, &[1, 7, 3, 5]));
}

fn gru() {
    let gru: Gru = seeded(GruConfig::new(3, 4, true).init(&Device::flex()));
    let exported = exporter("state_gru")
        .dynamic_axis("hidden", 0, "batch")
        .state("hidden", zeros([1, 4]))
        .export(&gru, zeros([1, 1, 3]), |gru, x, hidden| {
            let y = gru.forward(x, Some(hidden));
            (y.clone(), y.squeeze_dim::<2>(1))
        })
        .unwrap();
    let x = floats([3, 9, 3]);
    check(&exported, &cut(&x, &gru.forward(x.clone(), None), &ONES));
}

/// A causal convolution of dilation 2, which remembers its last four inputs.
fn convolution_with_history() {
    let conv: Conv1d = seeded(Conv1dConfig::new(3, 6, 3).with_dilation(2).init(&Device::flex()));
    let exported = exporter("state_convolution")
        .dynamic_axis("past", 0, "batch")
        .state("past", zeros([1, 3, 4]))
        .export(&conv, zeros([1, 1, 3]), |conv, x, past| {
            let seen = Tensor::cat(vec![past, x.swap_dims(1, 2)], 2);
            (conv.forward(seen.clone()).swap_dims(1, 2), seen.narrow(2, 1, 4))
        })
        .unwrap();
    assert_eq!(exported.states()[0].grows, None);
    let x = floats([2, 9, 3]);
    let whole = conv.forward(x.clone().swap_dims(1, 2).pad((4, 0, 0, 0), 0.0)).swap_dims(1, 2);
    check(&exported, &cut(&x, &whole, &ONES));
}

/// Attention over the last four inputs, in a cache of which each step overwrites the oldest place.
fn attention_over_a_ring() {
    const PLACES: usize = 4;
    #[derive(Module, Debug)]
    struct Ring {
        key: Linear,
        value: Linear,
    }
    let device = Device::flex();
    let linear = || LinearConfig::new(3, 3).init(&device);
    let ring: Ring = seeded(Ring { key: linear(), value: linear() });
    let step = |ring: &Ring, x: Tensor<3>, (count, keys, values): (Tensor<1, Int>, Tensor<3>, Tensor<3>)| {
        let places = Tensor::<1, Int>::arange(0..PLACES as i64, &x.device());
        let [batch, ..] = x.dims();
        let here = places.clone().equal(count.clone().remainder_scalar(PLACES as i64).expand([PLACES]));
        let here = here.reshape([1, PLACES, 1]).expand([batch, PLACES, 3]);
        let put = |cache: Tensor<3>, new: Tensor<3>| cache.mask_where(here.clone(), new.expand([batch, PLACES, 3]));
        let (keys, values) = (put(keys, ring.key.forward(x.clone())), put(values, ring.value.forward(x.clone())));
        // Places that nothing was written to yet are not seen.
        let empty = places.greater(count.clone().expand([PLACES])).float().reshape([1, 1, PLACES]) * -1e9;
        let seen = softmax(x.matmul(keys.clone().swap_dims(1, 2)) + empty, 2).matmul(values.clone());
        (seen, (count + 1, keys, values))
    };
    let exported = exporter("state_ring")
        .dynamic_axis("keys", 0, "batch")
        .dynamic_axis("values", 0, "batch")
        .int_range("count", 0..40)
        .state("ring", (Tensor::<1, Int>::zeros([1], &device), zeros([1, PLACES, 3]), zeros([1, PLACES, 3])))
        .named([("count", "next_count"), ("keys", "next_keys"), ("values", "next_values")])
        .export(&ring, zeros([1, 1, 3]), step)
        .unwrap();

    let x = floats([2, 9, 3]);
    let (keys, values) = (ring.key.forward(x.clone()), ring.value.forward(x.clone()));
    let time = Tensor::<1, Int>::arange(0..9, &device);
    let (row, column) = (time.clone().reshape([9, 1]).expand([9, 9]), time.reshape([1, 9]).expand([9, 9]));
    let hidden = column.clone().greater(row.clone()).bool_or((row - column).greater_equal_elem(PLACES as i64));
    let hidden = hidden.float().reshape([1, 9, 9]) * -1e9;
    let whole = softmax(x.clone().matmul(keys.swap_dims(1, 2)) + hidden, 2).matmul(values);
    check(&exported, &cut(&x, &whole, &ONES));
}

/// A cache that grows by as many as there are inputs.
fn mean_of_all_so_far() {
    let mix: Linear = seeded(LinearConfig::new(3, 3).init(&Device::flex()));
    let exported = exporter("state_mean")
        .dynamic_axis("x", 1, "time")
        .dynamic_axis("seen", 0, "batch")
        .state("seen", zeros([1, 0, 3]))
        .export(&mix, zeros([1, 4, 3]), |mix, x, seen| {
            let seen = Tensor::cat(vec![seen, mix.forward(x)], 1);
            (seen.clone().max_dim(1), seen)
        })
        .unwrap();
    assert_eq!(exported.states()[0].grows, Some(1));
    let x = floats([2, 10, 3]);
    let mut at = 0;
    let part = |length: usize| {
        at += length;
        (x.clone().narrow(1, at - length, length), mix.forward(x.clone().narrow(1, 0, at)).max_dim(1))
    };
    check(&exported, &[3, 1, 5, 1].map(part));
}

/// A learned state, the same for every entry of a batch, and one that only some axes of are given.
fn state_that_begins_with_values() {
    #[derive(Module, Debug)]
    struct Leaky {
        first: Param<Tensor<2>>,
        mix: Linear,
    }
    let device = Device::flex();
    let net = seeded(Leaky { first: Param::from_tensor(zeros([1, 3])), mix: LinearConfig::new(3, 3).init(&device) });
    let exported = exporter("state_begun")
        .dynamic_axis("level", 0, "batch")
        .state("level", net.first.val())
        .export(&net, zeros([1, 1, 3]), |net, x, level| {
            let level = level * 0.5 + net.mix.forward(x).squeeze_dim::<2>(1);
            (level.clone().unsqueeze_dim::<3>(1), level)
        })
        .unwrap();
    let state = &exported.states()[0];
    let stored = exported.model().graph.initializer(state.values.as_deref().unwrap()).unwrap();
    assert_eq!(stored.dims, [1, 3]);
    let x = floats([4, 9, 3]);
    let mut level = net.first.val().expand([4, 3]);
    let mut steps = Vec::new();
    for at in 0..9 {
        let x = x.clone().narrow(1, at, 1);
        level = level * 0.5 + net.mix.forward(x.clone()).squeeze_dim::<2>(1);
        steps.push((x, level.clone().unsqueeze_dim::<3>(1)));
    }
    check(&exported, &steps);
    assert!(first_differs(&exported, &steps), "the first values matter");
}

/// Whether the model gives something else where its state begins as zeros.
fn first_differs(exported: &oasis::export::Exported, steps: &[(Tensor<3>, Tensor<3>)]) -> bool {
    let (x, expected) = &steps[0];
    let batch = x.dims()[0];
    let inputs = [("x".to_owned(), x.to_data()), ("level".to_owned(), filled([batch, 3], 0.0).to_data())];
    let outputs = exported.run(engines()[0].as_ref(), &inputs).unwrap();
    outputs[0] != expected.to_data()
}

/// Whether anything was ever positive.
fn state_of_truth_values() {
    let net: Linear = seeded(LinearConfig::new(3, 3).init(&Device::flex()));
    let never = zeros([1, 3]).greater_elem(0.5);
    let exported = exporter("state_truth")
        .dynamic_axis("ever", 0, "batch")
        .state("ever", never)
        .export(&net, zeros([1, 1, 3]), |net, x, ever| {
            let ever = ever.bool_or(net.forward(x).squeeze_dim::<2>(1).greater_elem(0.4));
            (ever.clone().float().unsqueeze_dim::<3>(1), ever)
        })
        .unwrap();
    let x = floats([2, 9, 3]);
    let mut ever = zeros([2, 3]).greater_elem(0.5);
    let mut steps = Vec::new();
    for at in 0..9 {
        let x = x.clone().narrow(1, at, 1);
        ever = ever.bool_or(net.forward(x.clone()).squeeze_dim::<2>(1).greater_elem(0.4));
        steps.push((x, ever.clone().float().unsqueeze_dim::<3>(1)));
    }
    check(&exported, &steps);
}

/// A graph of which tract may need another plan for each length of the cache.
fn transposed_convolution_of_all_so_far() {
    let conv: ConvTranspose1d = seeded(ConvTranspose1dConfig::new([3, 2], 4).with_stride(2).init(&Device::flex()));
    let exported = exporter("state_transposed")
        .dynamic_axis("seen", 0, "batch")
        .state("seen", zeros([1, 3, 0]))
        .export(&conv, zeros([1, 1, 3]), |conv, x, seen| {
            let seen = Tensor::cat(vec![seen, x.swap_dims(1, 2)], 2);
            (conv.forward(seen.clone()).max_dim(2).swap_dims(1, 2), seen)
        })
        .unwrap();
    let x = floats([2, 9, 3]);
    let steps: Vec<_> = (1..=9)
        .map(|length| {
            let all = x.clone().narrow(1, 0, length).swap_dims(1, 2);
            (x.clone().narrow(1, length - 1, 1), conv.forward(all).max_dim(2).swap_dims(1, 2))
        })
        .collect();
    check(&exported, &steps);
}

fn steps_that_give_something_else_are_seen() {
    let gru: Gru = seeded(GruConfig::new(3, 4, true).init(&Device::flex()));
    let exported = exporter("state_gru_wrong")
        .dynamic_axis("hidden", 0, "batch")
        .state("hidden", zeros([1, 4]))
        .export(&gru, zeros([1, 1, 3]), |gru, x, hidden| {
            let y = gru.forward(x, Some(hidden));
            (y.clone(), y.squeeze_dim::<2>(1))
        })
        .unwrap();
    let x = floats([1, 4, 3]);
    // Each step begins anew, as if there were no state.
    let steps: Vec<_> = (0..4)
        .map(|at| {
            let x = x.clone().narrow(1, at, 1);
            (x.clone(), gru.forward(x, None))
        })
        .collect();
    for engine in engines() {
        let found = exported.verify_whole(engine.as_ref(), steps.iter().cloned()).unwrap();
        assert_eq!((found.len(), found[0].elements, found[0].pass()), (1, 16, false), "{}", engine.name());
        assert!(found[0].outside <= 12, "the first step is right: {found:?}");
    }
}
