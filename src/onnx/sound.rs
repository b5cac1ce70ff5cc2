//! Settings of operators that no engine is asked to load: their meaning is undefined, and engines answer some of them by
//! work that never ends or by a fault that ends the process.

use super::broken::Broken;
use super::graph::{Attribute, Graph, Node};

/// Settings that are counts and lengths: each number is 1 or more.
const POSITIVE: [&str; 5] = ["group", "strides", "dilations", "kernel_shape", "blocksize"];

/// Checks the settings of every operator of a graph, and of those within its nodes.
pub(super) fn check_settings(graph: &Graph) -> Result<(), Broken> {
    for node in &graph.nodes {
        let wrong = |name: &str, found: &[i64], expected: &str| {
            let found = found.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
            Err(Broken::new(format!("{name} {found} in operator {} at `{}`", node.op, node.name), expected))
        };
        for name in POSITIVE {
            let values = numbers(node, name);
            if values.iter().any(|value| *value < 1) {
                return wrong(name, values, "1 or more");
            }
        }
        let order = numbers(node, "perm");
        let mut sorted = order.to_vec();
        sorted.sort_unstable();
        if sorted.iter().enumerate().any(|(axis, value)| axis as i64 != *value) {
            return wrong("perm", order, "each axis once");
        }
        node.graphs().try_for_each(check_settings)?;
    }
    Ok(())
}

/// The integers of an attribute, or its one integer; none where it is not there.
fn numbers<'a>(node: &'a Node, name: &str) -> &'a [i64] {
    match node.attribute(name) {
        Some(Attribute::Ints(values)) => values,
        Some(Attribute::Int(value)) => std::slice::from_ref(value),
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(setting: &'static str, value: Attribute) -> Result<(), String> {
        let attributes = vec![(setting.into(), value)];
        let node = Node { name: "n".to_owned(), op: "Op".into(), attributes, ..Node::default() };
        let inner = Graph { nodes: vec![node], ..Graph::default() };
        let outer = Node { attributes: vec![("body".into(), Attribute::Graph(Box::new(inner)))], ..Node::default() };
        check_settings(&Graph { nodes: vec![outer], ..Graph::default() }).map_err(|broken| broken.to_string())
    }

    #[test]
    fn counts_below_one_and_orders_that_are_none_are_refused() {
        assert_eq!(of("group", Attribute::Int(1)), Ok(()));
        let said = "found group 0 in operator Op at `n`, expected 1 or more";
        assert_eq!(of("group", Attribute::Int(0)).unwrap_err(), said);
        assert_eq!(of("strides", Attribute::Ints(vec![2, 1])), Ok(()));
        for name in ["strides", "dilations", "kernel_shape"] {
            let said = format!("found {name} 2, -1 in operator Op at `n`, expected 1 or more");
            assert_eq!(of(name, Attribute::Ints(vec![2, -1])), Err(said));
        }
        assert_eq!(of("pads", Attribute::Ints(vec![-1])), Ok(()));
        for good in [vec![], vec![0], vec![1, 0], vec![3, 0, 2, 1]] {
            assert_eq!(of("perm", Attribute::Ints(good)), Ok(()));
        }
        for bad in [vec![0, 0], vec![1], vec![-1, 0], vec![0, 1, 3], vec![i64::MAX, i64::MIN]] {
            assert!(
                of("perm", Attribute::Ints(bad.clone())).unwrap_err().ends_with("expected each axis once"),
                "{bad:?}"
            );
        }
    }
}
