//! The serde deserializer over nodes.

use serde::de::value::StrDeserializer;
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, Error, IntoDeserializer, MapAccess,
    SeqAccess, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::fault::Fault;
use super::{Aside, address};
use crate::import::node::{Key, Node, Value, shorten};

/// Reads one node.
#[derive(Clone, Copy)]
pub(super) struct Decoder<'a> {
    node: &'a Node,
    aside: &'a Aside,
}

impl<'a> Decoder<'a> {
    pub(super) fn new(node: &'a Node, aside: &'a Aside) -> Self {
        Decoder { node, aside }
    }

    fn visit<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.node.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Integer(value) => match (u64::try_from(*value), i64::try_from(*value)) {
                (Ok(value), _) => visitor.visit_u64(value),
                (_, Ok(value)) => visitor.visit_i64(value),
                _ => visitor.visit_i128(*value),
            },
            Value::Float(value) => visitor.visit_f64(*value),
            Value::String(text) => visitor.visit_str(&text.text),
            Value::Sequence(items) => visitor.visit_seq(Items { items, next: 0, of: self }),
            Value::Mapping(entries) => visitor.visit_map(Entries { entries, next: 0, of: self }),
        }
    }

    /// The variant's name and place, and its content if there is any.
    fn variant(self) -> Result<Variant<'a>, Fault> {
        const EXPECTED: &str = "a name, or a mapping with one name as its only key";
        match &self.node.value {
            Value::String(text) => Ok(Variant { of: self, name: &text.text, entry: None }),
            Value::Mapping(entries) => {
                let mut present =
                    entries.iter().enumerate().filter(|(_, (_, node))| !self.is_aside(node));
                match (present.next(), present.next()) {
                    (Some((position, (key, node))), None) => {
                        let entry = Some((position, key, node));
                        Ok(Variant { of: self, name: &key.name, entry })
                    }
                    _ => Err(Fault::wrong_type(self.node, EXPECTED)),
                }
            }
            Value::Null
            | Value::Bool(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::Sequence(_) => Err(Fault::wrong_type(self.node, EXPECTED)),
        }
    }

    fn is_aside(self, node: &Node) -> bool {
        self.aside.contains(&address(node))
    }

    fn inner(self, node: &'a Node) -> Self {
        Decoder { node, ..self }
    }
}

impl<'de> Deserializer<'de> for Decoder<'_> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.visit(visitor).map_err(|fault| fault.at(self.node))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let visited =
            if self.node.is_null() { visitor.visit_none() } else { visitor.visit_some(self) };
        visited.map_err(|fault| fault.at(self.node))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self).map_err(|fault| fault.at(self.node))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let variant = self.variant()?;
        visitor.visit_enum(variant).map_err(|fault| fault.at(self.node))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier
    }
}

struct Items<'a> {
    items: &'a [Node],
    next: usize,
    of: Decoder<'a>,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        while let Some(node) = self.items.get(self.next) {
            let position = self.next;
            self.next += 1;
            if !self.of.is_aside(node) {
                let value = seed.deserialize(self.of.inner(node));
                let name = || format!("[{position}]");
                return value.map(Some).map_err(|fault| fault.under(position, &name()));
            }
        }
        Ok(None)
    }
}

struct Entries<'a> {
    entries: &'a [(Key, Node)],
    /// The entry whose key comes next; its value is the one before.
    next: usize,
    of: Decoder<'a>,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        while let Some((key, node)) = self.entries.get(self.next) {
            let position = self.next;
            self.next += 1;
            if !self.of.is_aside(node) {
                let name = seed.deserialize(KeyDecoder(&key.name));
                return name
                    .map(Some)
                    .map_err(|fault| fault.at_key(key).under(position, key.name.as_str()));
            }
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let position = self.next.wrapping_sub(1);
        let Some((key, node)) = self.entries.get(position) else {
            return Err(Fault::custom("a value was asked for before its key"));
        };
        seed.deserialize(self.of.inner(node))
            .map_err(|fault| fault.under(position, key.name.as_str()))
    }
}

/// Reads a key, which is a text but may be asked for as a number or a boolean.
struct KeyDecoder<'a>(&'a str);

macro_rules! key_as {
    ($($method:ident $visit:ident $kind:ty),*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            match self.0.parse::<$kind>() {
                Ok(value) => visitor.$visit(value),
                Err(_) => visitor.visit_str(self.0),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for KeyDecoder<'_> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_str(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let name: StrDeserializer<'_, Fault> = self.0.into_deserializer();
        visitor.visit_enum(name)
    }

    key_as! {
        deserialize_bool visit_bool bool, deserialize_u8 visit_u64 u64,
        deserialize_u16 visit_u64 u64, deserialize_u32 visit_u64 u64,
        deserialize_u64 visit_u64 u64, deserialize_i8 visit_i64 i64,
        deserialize_i16 visit_i64 i64, deserialize_i32 visit_i64 i64,
        deserialize_i64 visit_i64 i64, deserialize_f32 visit_f64 f64,
        deserialize_f64 visit_f64 f64
    }

    forward_to_deserialize_any! {
        i128 u128 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct
        identifier ignored_any
    }
}

struct Variant<'a> {
    of: Decoder<'a>,
    name: &'a str,
    /// Position, key and content, where the variant is written as a mapping.
    entry: Option<(usize, &'a Key, &'a Node)>,
}

impl<'a> Variant<'a> {
    /// The content, which this kind of variant must have.
    fn content(&self, expected: &str) -> Result<Decoder<'a>, Fault> {
        match self.entry {
            Some((_, _, node)) => Ok(self.of.inner(node)),
            None => {
                let name = shorten(self.name);
                let message = format!("`{name}` wants {expected}");
                Err(Fault::custom(message).suggest_form(&name).at(self.of.node))
            }
        }
    }

    fn under(&self, fault: Fault) -> Fault {
        match self.entry {
            Some((position, key, _)) => fault.under(position, key.name.as_str()),
            None => fault,
        }
    }
}

impl<'de, 'a> EnumAccess<'de> for Variant<'a> {
    type Error = Fault;
    type Variant = Variant<'a>;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Self::Variant), Fault> {
        let value = seed.deserialize(KeyDecoder(self.name)).map_err(|fault| match self.entry {
            Some((position, key, _)) => fault.at_key(key).under(position, key.name.as_str()),
            None => fault.at(self.of.node),
        })?;
        Ok((value, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        match self.entry {
            Some((_, _, node)) => <()>::deserialize(self.of.inner(node)).map_err(|_| {
                let expected = format!("nothing after `{}`", self.name);
                self.under(Fault::wrong_type(node, &expected))
            }),
            None => Ok(()),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Fault> {
        let content = self.content("a value")?;
        seed.deserialize(content).map_err(|fault| self.under(fault))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _length: usize, visitor: V) -> Result<V::Value, Fault> {
        let content = self.content("a list")?;
        content.deserialize_any(visitor).map_err(|fault| self.under(fault))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let content = self.content("keys of its own")?;
        content.deserialize_any(visitor).map_err(|fault| self.under(fault))
    }
}
