${provider::tf::encode_expr({ a = 1 })}
