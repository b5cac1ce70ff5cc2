//! The gated prior a row and a code at a time: the numbers of one pass over the grid, each computed once (Ramachandran et
//! al. 2017, "Fast Generation for Convolutional Autoregressive Models").
//!
//! The vertical stack sees whole rows above, so it takes a step a row; what it gives the horizontal stack is a context
//! for every column. The horizontal stack takes a step a code. Either keeps, for every layer, as many past inputs as the
//! widest dilation reaches back; they are zeros before the first row, and before the first code of every row.

use burn::tensor::activation::relu;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Int, Tensor, module};

use super::gated::{DILATIONS, GatedPixelCnn, MIRRORED, gate};

/// Past rows or columns in a state: the widest dilation.
const REACH: usize = DILATIONS[DILATIONS.len() - 1];

impl GatedPixelCnn {
    /// Length of a column's context: two inputs of the gate for every layer, and what its place is like.
    pub fn context_size(&self) -> usize {
        (2 * self.layers.len() + 1) * self.channels()
    }

    /// The state before the first row: `[layers, REACH, channels, columns]`, a batch of them is one dimension more.
    pub fn above_size(&self) -> [usize; 4] {
        let [_, channels, _, columns] = self.place.val().dims();
        [self.layers.len(), REACH, channels, columns]
    }

    /// One row of the vertical stack.
    ///
    /// From the codes of the row above `[batch, columns]` (K, one more than any code, where there is none), the row's
    /// number `[batch]`, the condition `[batch, 2]` and the state `above` `[batch, layers, REACH, channels, columns]`, to
    /// the contexts of the row's columns `[batch, columns, context]` and the next state.
    pub fn row_step(
        &self,
        codes: Tensor<2, Int>,
        row: Tensor<1, Int>,
        condition: Tensor<2, Int>,
        above: Tensor<5>,
    ) -> (Tensor<3>, Tensor<5>) {
        let [batch, columns] = codes.dims();
        let [_, channels, rows, _] = self.place.val().dims();
        let place = self.place.val().permute([0, 2, 1, 3]).reshape([rows, channels, columns]);
        let here = place.select(0, row).reshape([batch, channels, 1, columns]);
        let steer = self.steer(condition);
        let embedded = self.embed_or_none(codes.reshape([batch * columns]));
        let embedded = embedded.reshape([batch, 1, columns, channels]).permute([0, 3, 1, 2]);
        let mut vertical = self.mirror_above.forward(embedded.clone().flip([3])) + embedded + here.clone();
        let (mut contexts, mut inputs) = (Vec::new(), Vec::new());
        for (index, layer) in self.layers.iter().enumerate() {
            let dilation = DILATIONS[index % DILATIONS.len()];
            let past = above.clone().narrow(1, index, 1).narrow(2, REACH - dilation, 1);
            let pair = Tensor::cat(vec![past.reshape([batch, channels, 1, columns]), vertical.clone()], 2);
            let (weight, bias) = (layer.vertical.weight.val(), layer.vertical.bias.as_ref().map(|bias| bias.val()));
            let seen = module::conv2d(pair, weight, bias, ConvOptions::new([1, 1], [0, dilation], [1, dilation], 1));
            let (for_vertical, for_horizontal) = layer.steers(steer.clone());
            inputs.push(vertical.clone().reshape([batch, 1, 1, channels, columns]));
            contexts.push(layer.across.forward(seen.clone()) + for_horizontal);
            vertical = vertical + layer.vertical_out.forward(gate(seen + for_vertical));
        }
        contexts.push(here);
        let contexts = Tensor::cat(contexts, 1).permute([0, 3, 1, 2]).reshape([batch, columns, self.context_size()]);
        (contexts, Tensor::cat(vec![above.narrow(2, 1, REACH - 1), Tensor::cat(inputs, 1)], 2))
    }

    /// One code of the horizontal stack.
    ///
    /// From the code to the left `[batch]` (K where there is none), the codes around the mirrored place `[batch, 5]`,
    /// from right to left (K where they are not of the left half, and all K in that half), the context of the column
    /// `[batch, context]` and the state `left` `[batch, layers, REACH, channels]`, to logits `[batch, K]` and the next
    /// state.
    pub fn code_step(
        &self,
        code: Tensor<1, Int>,
        mirrored: Tensor<2, Int>,
        context: Tensor<2>,
        left: Tensor<4>,
    ) -> (Tensor<2>, Tensor<4>) {
        let [batch] = code.dims();
        let channels = self.channels();
        let here = context.clone().narrow(1, 2 * self.layers.len() * channels, channels);
        let mirrored = self.embed_or_none(mirrored.reshape([batch * MIRRORED])).reshape([batch, MIRRORED * channels]);
        let mirrored = product(&self.mirror_left, mirrored);
        let mut horizontal = mirrored + self.embed_or_none(code) + here.clone();
        let mut inputs = Vec::new();
        for (index, layer) in self.layers.iter().enumerate() {
            let dilation = DILATIONS[index % DILATIONS.len()];
            let past = left.clone().narrow(1, index, 1).narrow(2, REACH - dilation, 1).reshape([batch, channels]);
            let pair = Tensor::cat(vec![past, horizontal.clone()], 1);
            inputs.push(horizontal.clone().reshape([batch, 1, 1, channels]));
            let across = context.clone().narrow(1, 2 * index * channels, 2 * channels);
            let gated = gate(product(&layer.horizontal, pair) + across);
            horizontal = horizontal + product(&layer.horizontal_out, gated);
        }
        let head = product(&self.head, relu(horizontal + here));
        let logits = product(&self.logits, relu(head));
        (logits, Tensor::cat(vec![left.narrow(2, 1, REACH - 1), Tensor::cat(inputs, 1)], 2))
    }

    fn channels(&self) -> usize {
        self.place.val().dims()[1]
    }

    /// What the codes `[n]` are embedded as, `[n, channels]`; K is zeros.
    fn embed_or_none(&self, codes: Tensor<1, Int>) -> Tensor<2> {
        let table = self.codes.weight.val();
        let none = Tensor::zeros([1, self.channels()], &table.device());
        Tensor::cat(vec![table, none], 0).select(0, codes)
    }
}

/// A convolution at one place as a product: its inputs `[batch, places * channels]`, the kernel's places in order.
fn product(conv: &burn::nn::conv::Conv2d, x: Tensor<2>) -> Tensor<2> {
    let [outputs, inputs, rows, columns] = conv.weight.val().dims();
    let weight = conv.weight.val().permute([2, 3, 1, 0]).reshape([rows * columns * inputs, outputs]);
    let y = x.matmul(weight);
    match &conv.bias {
        Some(bias) => y + bias.val().reshape([1, outputs]),
        None => y,
    }
}
