//! SDK structures from JSON and back, along the schemas that the SDK carries: nobody has to list forty fields twice,
//! and a field that AWS adds is there with the next SDK.
//!
//! Reading is lenient as hashicorp/aws is: names in any case (`containerPort`, `ContainerPort`), numbers and bools
//! that are written as text, `null` for "left out".

use std::cell::RefCell;

use aws_smithy_schema::Schema;
use aws_smithy_schema::serde::{SerdeError, SerializableStruct, ShapeDeserializer, ShapeSerializer};
use aws_smithy_types::{BigDecimal, BigInteger, Blob, DateTime, Document};
use serde_json::{Map, Value as Json};

type Result<T> = std::result::Result<T, SerdeError>;

/// Reads one JSON value.
pub(super) struct Reader<'a> {
    value: &'a Json,
    path: String,
    unknown: &'a RefCell<Vec<String>>,
}

impl<'a> Reader<'a> {
    /// A reader of this value. Paths in messages start with `path`; names that no schema has are put into `unknown`.
    pub(super) fn new(value: &'a Json, path: String, unknown: &'a RefCell<Vec<String>>) -> Self {
        Self { value, path, unknown }
    }

    fn needs<T>(&self, what: &str, found: Option<T>) -> Result<T> {
        found.ok_or_else(|| SerdeError::custom(format!("{} must be {what}.", self.path)))
    }

    fn whole(&self) -> Result<i64> {
        let number = match self.value {
            Json::String(text) => text.trim().parse().ok(),
            // 80.0 is a whole number too; jsonencode never writes it so, other tools do.
            Json::Number(number) => number.as_i64().or_else(|| {
                let float = number.as_f64().filter(|float| float.fract() == 0.0)?;
                format!("{float:.0}").parse().ok()
            }),
            _ => None,
        };
        self.needs("a whole number", number)
    }

    fn number(&self) -> Result<f64> {
        let number = match self.value {
            Json::String(text) => text.trim().parse().ok(),
            other => other.as_f64(),
        };
        self.needs("a number", number)
    }

    fn fitting<T: TryFrom<i64>>(&self) -> Result<T> {
        let number = self.whole()?;
        self.needs("a smaller number", T::try_from(number).ok())
    }

    fn refused<T>(&self) -> Result<T> {
        Err(SerdeError::custom(format!("{} has a type that is not supported here.", self.path)))
    }
}

type Members<'f> = dyn FnMut(&Schema<'_>, &mut dyn ShapeDeserializer) -> Result<()> + 'f;
type Elements<'f> = dyn FnMut(&mut dyn ShapeDeserializer) -> Result<()> + 'f;
type Pairs<'f> = dyn FnMut(String, &mut dyn ShapeDeserializer) -> Result<()> + 'f;

impl ShapeDeserializer for Reader<'_> {
    fn read_struct(&mut self, schema: &Schema<'_>, state: &mut Members<'_>) -> Result<()> {
        let object = self.needs("an object", self.value.as_object())?;
        for (name, value) in object.iter().filter(|(_, value)| !value.is_null()) {
            let path = format!("{}.{name}", self.path);
            let is_it = |member: &&&Schema<'_>| member.member_name().is_some_and(|own| own.eq_ignore_ascii_case(name));
            match schema.members().iter().find(is_it) {
                Some(member) => state(member, &mut Reader::new(value, path, self.unknown))?,
                None => self.unknown.borrow_mut().push(path),
            }
        }
        Ok(())
    }

    fn read_list(&mut self, _schema: &Schema<'_>, state: &mut Elements<'_>) -> Result<()> {
        let list = self.needs("a list", self.value.as_array())?;
        let elements = list.iter().enumerate().filter(|(_, value)| !value.is_null());
        elements.into_iter().try_for_each(|(at, value)| {
            state(&mut Reader::new(value, format!("{}[{at}]", self.path), self.unknown))
        })
    }

    fn read_map(&mut self, _schema: &Schema<'_>, state: &mut Pairs<'_>) -> Result<()> {
        let object = self.needs("an object", self.value.as_object())?;
        object.iter().filter(|(_, value)| !value.is_null()).try_for_each(|(name, value)| {
            state(name.clone(), &mut Reader::new(value, format!("{}.{name}", self.path), self.unknown))
        })
    }

    fn read_boolean(&mut self, _schema: &Schema<'_>) -> Result<bool> {
        let truth = match self.value {
            Json::String(text) => text.parse().ok(),
            other => other.as_bool(),
        };
        self.needs("true or false", truth)
    }

    fn read_byte(&mut self, _schema: &Schema<'_>) -> Result<i8> {
        self.fitting()
    }

    fn read_short(&mut self, _schema: &Schema<'_>) -> Result<i16> {
        self.fitting()
    }

    fn read_integer(&mut self, _schema: &Schema<'_>) -> Result<i32> {
        self.fitting()
    }

    fn read_long(&mut self, _schema: &Schema<'_>) -> Result<i64> {
        self.whole()
    }

    #[allow(clippy::cast_possible_truncation)] // the shape has no more digits
    fn read_float(&mut self, _schema: &Schema<'_>) -> Result<f32> {
        self.number().map(|number| number as f32)
    }

    fn read_double(&mut self, _schema: &Schema<'_>) -> Result<f64> {
        self.number()
    }

    fn read_big_integer(&mut self, _schema: &Schema<'_>) -> Result<BigInteger> {
        self.refused()
    }

    fn read_big_decimal(&mut self, _schema: &Schema<'_>) -> Result<BigDecimal> {
        self.refused()
    }

    fn read_string(&mut self, _schema: &Schema<'_>) -> Result<String> {
        let text = match self.value {
            Json::String(text) => Some(text.clone()),
            Json::Number(number) => Some(number.to_string()),
            Json::Bool(truth) => Some(truth.to_string()),
            _ => None,
        };
        self.needs("text", text)
    }

    fn read_blob(&mut self, _schema: &Schema<'_>) -> Result<Blob> {
        self.refused()
    }

    fn read_timestamp(&mut self, _schema: &Schema<'_>) -> Result<DateTime> {
        self.refused()
    }

    fn read_document(&mut self, _schema: &Schema<'_>) -> Result<Document> {
        self.refused()
    }

    fn is_null(&self) -> bool {
        self.value.is_null()
    }

    fn skip_value(&mut self) -> Result<()> {
        Ok(())
    }

    fn container_size(&self) -> Option<usize> {
        None
    }
}

/// The JSON of an SDK structure.
pub(super) fn write(value: &dyn SerializableStruct) -> Result<Json> {
    let mut inside = Writer::new(Kind::Object);
    value.serialize_members(&mut inside)?;
    Ok(inside.finish())
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Object,
    List,
    /// Keys and values arrive in turn.
    Map,
}

/// Collects what one object, list or map holds.
struct Writer {
    kind: Kind,
    object: Map<String, Json>,
    list: Vec<Json>,
    key: Option<String>,
}

impl Writer {
    fn new(kind: Kind) -> Self {
        Self { kind, object: Map::new(), list: Vec::new(), key: None }
    }

    fn put(&mut self, schema: &Schema<'_>, value: Json) {
        match self.kind {
            Kind::List => self.list.push(value),
            Kind::Object => {
                self.object.insert(schema.member_name().unwrap_or_default().to_owned(), value);
            }
            Kind::Map => {
                let key = self.key.take().unwrap_or_default();
                self.object.insert(key, value);
            }
        }
    }

    fn finish(self) -> Json {
        if self.kind == Kind::List { Json::Array(self.list) } else { Json::Object(self.object) }
    }

    fn refuse(schema: &Schema<'_>) -> Result<()> {
        Err(SerdeError::unsupported(schema.member_name().unwrap_or("value").to_owned()))
    }
}

impl ShapeSerializer for Writer {
    fn write_struct(&mut self, schema: &Schema<'_>, value: &dyn SerializableStruct) -> Result<()> {
        self.put(schema, write(value)?);
        Ok(())
    }

    fn write_list(
        &mut self,
        schema: &Schema<'_>,
        elements: &dyn Fn(&mut dyn ShapeSerializer) -> Result<()>,
    ) -> Result<()> {
        let mut inside = Self::new(Kind::List);
        elements(&mut inside)?;
        self.put(schema, inside.finish());
        Ok(())
    }

    fn write_map(
        &mut self,
        schema: &Schema<'_>,
        entries: &dyn Fn(&mut dyn ShapeSerializer) -> Result<()>,
    ) -> Result<()> {
        let mut inside = Self::new(Kind::Map);
        entries(&mut inside)?;
        self.put(schema, inside.finish());
        Ok(())
    }

    fn write_boolean(&mut self, schema: &Schema<'_>, value: bool) -> Result<()> {
        self.put(schema, value.into());
        Ok(())
    }

    fn write_byte(&mut self, schema: &Schema<'_>, value: i8) -> Result<()> {
        self.put(schema, value.into());
        Ok(())
    }

    fn write_short(&mut self, schema: &Schema<'_>, value: i16) -> Result<()> {
        self.put(schema, value.into());
        Ok(())
    }

    fn write_integer(&mut self, schema: &Schema<'_>, value: i32) -> Result<()> {
        self.put(schema, value.into());
        Ok(())
    }

    fn write_long(&mut self, schema: &Schema<'_>, value: i64) -> Result<()> {
        self.put(schema, value.into());
        Ok(())
    }

    fn write_float(&mut self, schema: &Schema<'_>, value: f32) -> Result<()> {
        self.put(schema, value.into());
        Ok(())
    }

    fn write_double(&mut self, schema: &Schema<'_>, value: f64) -> Result<()> {
        self.put(schema, value.into());
        Ok(())
    }

    fn write_big_integer(&mut self, schema: &Schema<'_>, _value: &BigInteger) -> Result<()> {
        Self::refuse(schema)
    }

    fn write_big_decimal(&mut self, schema: &Schema<'_>, _value: &BigDecimal) -> Result<()> {
        Self::refuse(schema)
    }

    fn write_string(&mut self, schema: &Schema<'_>, value: &str) -> Result<()> {
        if self.kind == Kind::Map && self.key.is_none() {
            self.key = Some(value.to_owned());
        } else {
            self.put(schema, value.into());
        }
        Ok(())
    }

    fn write_blob(&mut self, schema: &Schema<'_>, _value: Blob) -> Result<()> {
        Self::refuse(schema)
    }

    fn write_timestamp(&mut self, schema: &Schema<'_>, _value: &DateTime) -> Result<()> {
        Self::refuse(schema)
    }

    fn write_document(&mut self, schema: &Schema<'_>, _value: &Document) -> Result<()> {
        Self::refuse(schema)
    }

    fn write_null(&mut self, _schema: &Schema<'_>) -> Result<()> {
        Ok(())
    }
}
